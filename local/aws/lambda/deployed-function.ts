// A function as the stack deploys it: named after the deployment, with the bundle of its folder.

import { join } from 'node:path'
import { createLambda, type Lambda, type LambdaOptions } from './lambda.ts'

export interface DeployedFunctionOptions extends Pick<LambdaOptions, 'region' | 'awsUrl' | 'environment' | 'timeoutSeconds' | 'log'> {
  /** The deployment's name, which begins the function's. */
  readonly prefix: string
  /** Its folder in handlers/. */
  readonly folder: string
  /** Holds <function>/index.mjs, as scripts/bundle.ts writes them. */
  readonly bundleDir: string
}

export const createDeployedFunction = ({ prefix, folder, bundleDir, log, ...rest }: DeployedFunctionOptions): Lambda => {
  const name = `${prefix}-${folder}`
  return createLambda({
    ...rest,
    name,
    file: join(bundleDir, folder, 'index.mjs'),
    log: (line) => {
      log(`${name}: ${line}`)
    },
  })
}
