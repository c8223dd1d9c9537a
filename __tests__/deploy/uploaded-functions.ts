// Runs the functions that were deployed: the very zip that Terraform uploaded, with the environment and the time-out that it set.

import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { json, type HttpReply } from '../../local/server/http.ts'
import { createLambda, type InvokeResult, type Lambda } from '../../local/aws/lambda/lambda.ts'
import type { Intercept } from './proxy.ts'
import { runWell } from './tools.ts'

export interface DeployedFunction {
  readonly name: string
  readonly region: string
  /** The uploaded zip's, as AWS reports it: base64 of SHA-256. */
  readonly codeSha256: string
  readonly environment: Readonly<Record<string, string>>
}

export interface UploadedFunctions {
  readonly intercept: Intercept
  /** Every function that ran since the start, as it was deployed when it first did. */
  readonly ran: () => readonly DeployedFunction[]
  close(): void
}

export interface UploadedFunctionsOptions {
  /** Holds the unpacked bundles. */
  readonly directory: string
  /** Where the functions find AWS: the proxy. */
  readonly awsUrl: () => string
  /** What only a test sets: stand-ins' addresses. */
  readonly overrides: Readonly<Record<string, string>>
  readonly log: (line: string) => void
}

interface Configuration {
  readonly FunctionName: string
  readonly CodeSha256: string
  readonly Timeout: number
  readonly Handler: string
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> }
}

const error = (code: string, message: string, status = 400): HttpReply =>
  json(status, { Type: 'User', Message: message, message }, { 'x-amzn-errortype': code })

export const replyOf = (result: InvokeResult): HttpReply => {
  switch (result.kind) {
    case 'success':
      return json(200, result.payload)
    case 'function-error':
      return json(200, result.error, { 'x-amz-function-error': 'Unhandled' })
    case 'refused':
      return error(result.code, result.message, 429)
  }
}

export const uploadedFunctions = ({ directory, awsUrl, overrides, log }: UploadedFunctionsOptions): UploadedFunctions => {
  const zips = new Map<string, Buffer>()
  const running = new Map<string, { readonly lambda: Lambda; readonly deployed: DeployedFunction }>()

  const unpacked = async (sha256: string): Promise<string> => {
    const zip = zips.get(sha256)
    if (!zip) throw new Error(`no zip with the hash ${sha256} was uploaded`)
    const folder = join(directory, Buffer.from(sha256, 'base64').toString('hex'))
    await mkdir(folder, { recursive: true })
    await writeFile(`${folder}.zip`, zip)
    await runWell('python3', ['-m', 'zipfile', '-e', `${folder}.zip`, folder])
    return folder
  }

  const start = async ({ FunctionName: name, CodeSha256, Timeout, Handler, Environment }: Configuration, region: string) => {
    const environment = Environment?.Variables ?? {}
    const key = JSON.stringify([region, name, CodeSha256, Timeout, environment])
    const known = running.get(key)
    if (known) return known
    const file = join(await unpacked(CodeSha256), `${Handler.replace(/\.[^.]*$/, '')}.mjs`)
    // The SDK adds its application id to the user agent. The role's name, so that the proxy knows by which policy to judge.
    const allVariables = { ...environment, ...overrides, AWS_SDK_UA_APP_ID: `${name}-${region}` }
    const lambda = createLambda({
      name,
      file,
      region,
      awsUrl: awsUrl(),
      environment: allVariables,
      timeoutSeconds: Timeout,
      log: (line) => {
        log(`${region} ${name}: ${line}`)
      },
    })
    const started = { lambda, deployed: { name, region, codeSha256: CodeSha256, environment } }
    running.set(key, started)
    return started
  }

  /** CreateFunction wraps the zip in `Code`, UpdateFunctionCode does not. */
  const keepZip = ({ Code, ZipFile: zip = Code?.ZipFile }: { Code?: { ZipFile?: string }; ZipFile?: string }): void => {
    if (zip === undefined) return
    const bytes = Buffer.from(zip, 'base64')
    zips.set(createHash('sha256').update(bytes).digest('base64'), bytes)
  }

  return {
    intercept: ({ request, service, region }) => {
      if (service !== 'lambda' || (request.method !== 'POST' && request.method !== 'PUT')) return undefined
      const { pathname } = request.url
      const invoked = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(pathname)?.[1]
      if (invoked === undefined) {
        if (/^\/2015-03-31\/functions(\/[^/]+\/code)?$/.test(pathname)) keepZip(JSON.parse(request.body.toString()) as object)
        return undefined
      }
      const invoke = async (): Promise<HttpReply> => {
        const name = decodeURIComponent(invoked).split(':').at(-1) ?? ''
        const asked = await fetch(`${awsUrl()}/2015-03-31/functions/${name}/configuration`, {
          headers: {
            authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/lambda/aws4_request, SignedHeaders=host, Signature=0`,
          },
        })
        if (asked.status !== 200) return error('ResourceNotFoundException', `Function not found: ${name}`, 404)
        const { lambda } = await start((await asked.json()) as Configuration, region)
        return replyOf(await lambda.invoke(JSON.parse(request.body.toString() || '{}')))
      }
      return invoke()
    },
    ran: () => [...running.values()].map(({ deployed }) => deployed),
    close: () => {
      for (const { lambda } of running.values()) lambda.close()
    },
  }
}

/** Invokes a deployed function as an AWS service would. Rejects with what the function threw. */
export const invokeFunction = async (awsUrl: string, region: string, name: string, event: unknown): Promise<unknown> => {
  const response = await fetch(`${awsUrl}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/lambda/aws4_request, SignedHeaders=host, Signature=0` },
    body: JSON.stringify(event),
  })
  const payload: unknown = await response.json()
  if (!response.ok || response.headers.has('x-amz-function-error')) throw new Error(`${name}: ${JSON.stringify(payload)}`)
  return payload
}
