// A process that scripts find as the nginx that runs on a sandbox instance: the program `nginx` there, which reloads when it is told to.

import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** It ends by itself: when this process does, or when the pid file is gone or names another. */
export const startFakeMaster = async (root: string, pidFile: string): Promise<void> => {
  const [program, file] = [join(root, 'usr/sbin/nginx'), join(root, pidFile)]
  await mkdir(dirname(file), { recursive: true })
  // As nginx titles itself.
  const master = spawn('bash', [program, 'master', file], { argv0: `nginx: master process ${program}`, stdio: 'ignore' })
  master.unref()
  await writeFile(file, `${master.pid ?? ''}\n`)
}
