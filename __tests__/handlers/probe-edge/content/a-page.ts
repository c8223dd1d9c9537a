import * as fc from 'fast-check'
import type { Page } from '../../../../handlers/probe-edge/content/compare.ts'

/** As it comes over the wire: a character a byte. */
export const aPage = (body: string | Uint8Array, changes: Partial<Page> = {}): Page => ({
  status: 200,
  type: 'text/html; charset=utf-8',
  location: '',
  body: Buffer.from(body).toString('latin1'),
  ...changes,
})

/** Words of a reader: no markup in them, and none that decodes to another. */
export const word = fc.stringMatching(/^[a-zA-Z0-9äöü€.,!$]{1,12}$/)
export const words = fc.array(word, { minLength: 5, maxLength: 60 })

/** @param volatile what differs from one request to the next, behind each third word */
export const pageOf = (text: readonly string[], volatile = ''): string =>
  `<!doctype html><html><head><title>Page</title><script nonce="${volatile}">var made = "${volatile}"</script></head><body>${text
    .map((each, index) => `<p class="p${volatile}">${each}</p>${index % 3 === 2 && volatile !== '' ? ` <i>${volatile}</i>` : ''}`)
    .join('\n')}<!-- made at ${volatile} --></body></html>`
