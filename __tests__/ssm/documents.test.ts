import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { documents } from '../../ssm/documents.ts'
import { checkDocument, documentJson, renderDocument, renderScript } from '../../ssm/render.ts'

const options = { executionTimeoutSeconds: 300 }
const ids = documents.map(({ id }) => id)

/** One document whole, to read. The others share most of its lines, so that their metadata and a hash of their script do. */
const golden = (id: string): string => {
  if (id === 'purge-fastcgi') return documentJson(id, options)
  const document = renderDocument(id, options)
  const [step] = document.mainSteps
  const runCommand = `sha256 ${createHash('sha256').update(renderScript(id)).digest('hex')}`
  return JSON.stringify({ ...document, mainSteps: [{ ...step, inputs: { ...step.inputs, runCommand } }] }, null, 2)
}

describe.each(ids)('%s', (id) => {
  const document = renderDocument(id, options)
  const [step] = document.mainSteps

  it('matches its golden file', async () => {
    await expect(`${golden(id)}\n`).toMatchFileSnapshot(`__golden__/${id}.json`)
  })

  it('runs the rendered script, line by line, under the given time-out', () => {
    expect(`${step.inputs.runCommand.join('\n')}\n`).toBe(renderScript(id))
    expect(step.inputs.runCommand[0]).toBe('#!/usr/bin/env bash')
    expect(step.inputs.timeoutSeconds).toBe(300)
  })

  it('reads every parameter it declares, from the environment, with a refusal of an old agent', () => {
    const script = renderScript(id)
    const used = [...script.matchAll(/SSM_(\w+)/g)].map((match) => match[1])
    expect(new Set(used)).toEqual(new Set(Object.keys(document.parameters)))
    for (const name of Object.keys(document.parameters)) expect(script).toContain(`\${SSM_${name}:?$no_value}`)
  })

  it('has no parameter for a secret, a webhook or a requester', () => {
    expect(JSON.stringify(document.parameters)).not.toMatch(/hook|slack|secret|token|requester/i)
  })
})

it('has a default for the pid file of nginx', () => {
  expect(renderDocument('purge-fastcgi', options).parameters['NginxPidFile']?.default).toBe('/run/nginx.pid')
})

describe('allowedPattern', () => {
  const parameters = ids.flatMap((id) => Object.entries(renderDocument(id, options).parameters))
  const pathPatterns = new Set(parameters.filter(([name]) => /Path$|File$/.test(name)).map(([, parameter]) => parameter.allowedPattern))
  const userPatterns = new Set(parameters.filter(([name]) => name === 'RunAs').map(([, parameter]) => parameter.allowedPattern))

  it('is one rule for all paths, one for all users, and uses nothing that RE2 lacks', () => {
    // A cache may lie one level deep, other paths two.
    expect(new Set([...pathPatterns].map((pattern) => pattern.replace('{1,}', '{2,}'))).size).toBe(1)
    expect(userPatterns.size).toBe(1)
    for (const pattern of [...pathPatterns, ...userPatterns]) expect(pattern).not.toMatch(/\(\?|\\[1-9]/)
  })

  it.each([
    ['/var/cache/nginx', true],
    ['/var/cache/nginx/portal-1.example.com', true],
    ['/srv/my site/wp-content/cache/wp-rocket', true],
    ['/home/bob/.cache/nginx', true],
    ['/srv/a@b+c=d:e,f~g', true],
    ['', false],
    ['/', false],
    ['var/cache', false],
    ['/var/cache/', false],
    ['/var//cache', false],
    ['/var/../etc', false],
    ['/var/./cache', false],
    ['/var/cache/..', false],
    ['/var/cache/...', false],
    ['/var/$(touch x)/y', false],
    ['/var/`touch x`', false],
    ['/var/cache;rm', false],
    ["/var/ca'che", false],
    ['/var/ca"che', false],
    ['/var/cache/*', false],
    ['/var/cache\n/etc', false],
    ['/var/cache\n', false],
    ['/var/{{ssm:x}}', false],
  ])('path %j: %s', (value, allowed) => {
    for (const pattern of pathPatterns) expect(new RegExp(pattern).test(value)).toBe(allowed)
  })

  it('takes a cache in the root directory, and nothing else there', () => {
    const caches = parameters.filter(([, { allowedPattern }]) => new RegExp(allowedPattern).test('/nginxcache')).map(([name]) => name)
    expect(new Set(caches)).toEqual(new Set(['CachePath', 'CachePaths']))
  })

  it.each([
    ['www-data', true],
    ['ubuntu', true],
    ['_www', true],
    ['john.doe', true],
    ['example.com', true],
    ['Deploy', true],
    ['1234abc', true],
    ['..', false],
    ['', false],
    ['-u', false],
    ['1000', false],
    ['a b', false],
    ['a;id', false],
    ['$(id)', false],
    ['a\n', false],
  ])('user %j: %s', (value, allowed) => {
    for (const pattern of userPatterns) expect(new RegExp(pattern).test(value)).toBe(allowed)
  })
})

describe('a document that AWS would run differently', () => {
  const good = renderDocument('purge-w3', options)
  const [step] = good.mainSteps
  const withLines = (...lines: string[]) => ({
    ...good,
    mainSteps: [{ ...step, inputs: { ...step.inputs, runCommand: lines } }],
  })

  it.each([4, 172_801, 1.5, Number.NaN])('is refused with a time-out of %s', (executionTimeoutSeconds) => {
    expect(() => renderDocument('purge-w3', { executionTimeoutSeconds })).toThrow(/purge-w3.*timeoutSeconds/)
  })

  it.each([5, 172_800])('is accepted with a time-out of %s', (executionTimeoutSeconds) => {
    expect(renderDocument('purge-w3', { executionTimeoutSeconds }).mainSteps[0].inputs.timeoutSeconds).toBe(executionTimeoutSeconds)
  })

  it('is refused with {{ }} in its script', () => {
    expect(() => checkDocument('purge-w3', withLines('echo {{ SitePath }}'))).toThrow(/purge-w3 holds "{{"/)
  })

  it('is refused with {{ }} in its description', () => {
    expect(() => checkDocument('purge-w3', { ...good, description: '{{ SitePath }}' })).toThrow(/holds "{{"/)
  })

  it('is refused over 64 KB', () => {
    expect(() => checkDocument('purge-w3', withLines('x'.repeat(65_536)))).toThrow(/has \d+ bytes; AWS accepts 65536/)
  })

  it('is refused with a parameter that is pasted instead of passed by environment', () => {
    const pasted = { ...good.parameters['SitePath'], interpolationType: undefined }
    expect(() => checkDocument('purge-w3', { ...good, parameters: { SitePath: pasted } })).toThrow(
      /parameters\.SitePath\.interpolationType/,
    )
  })

  it('is refused with a parameter name that cannot become a variable', () => {
    expect(() => checkDocument('purge-w3', { ...good, parameters: { 'site-path': good.parameters['SitePath'] } })).toThrow(/site-path/)
  })
})
