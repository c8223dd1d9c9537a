// How much of a script's output Run Command keeps, cut as SSM Agent cuts it: the beginning stays, the end goes.

const keptInPlugin = 2500
const title = '\n----------ERROR-------\n'
const outputCut = '\n---Output truncated---'
const errorCut = '\n---Error truncated----'

/** CommandPlugins[].Output of ListCommandInvocations: stdout and stderr share 2,500 characters. */
export const pluginOutput = (stdout: string, stderr: string): string => {
  const heading = stderr === '' ? '' : title
  const space = keptInPlugin - heading.length
  if (stdout.length + stderr.length < space) return stdout + heading + stderr
  if (stdout.length > space / 2 && stderr.length > space / 2) {
    const each = Math.floor((space - outputCut.length - errorCut.length) / 2)
    return stdout.slice(0, each) + outputCut + heading + stderr.slice(0, each) + errorCut
  }
  if (stdout.length < space / 2) return stdout + heading + stderr.slice(0, space - errorCut.length - stdout.length) + errorCut
  return stdout.slice(0, space - outputCut.length - stderr.length) + outputCut + heading + stderr
}

const cut = (text: string, limit: number): string => {
  const suffix = '--output truncated--'
  return text.length <= limit ? text : text.slice(0, limit - suffix.length) + suffix
}

/** StandardOutputContent and StandardErrorContent of GetCommandInvocation. */
export const consoleOutput = (stdout: string, stderr: string) => ({ stdout: cut(stdout, 24_000), stderr: cut(stderr, 8000) })
