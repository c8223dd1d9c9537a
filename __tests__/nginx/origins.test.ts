// Origins that refuse a plain request from their own instance: asked as they want it, or told what they want.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { likelyRefusal } from '../../edge/response.ts'
import { startNginx } from './real-nginx.ts'

it('with proxy_protocol: asked with it, and without it the cause is told', async () => {
  const nginx = await startNginx({ listen: 'proxy_protocol' })
  const { probes } = await nginx.probe(['/'], nginx.pages, { proxyProtocol: 'yes' })
  expect(probes[0]).toMatchObject({ status: 200, cache: 'MISS', then: 'HIT' })
  const refused = (await nginx.probe()).probes[0]!
  expect(likelyRefusal(refused.status)).toContain('proxy_protocol')
})

it('with a client certificate: asked with it, and without it the cause is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'purgeflow-certificate-'))
  onTestFinished(() => {
    rmSync(folder, { recursive: true })
  })
  const certificate = join(folder, 'both.pem')
  const words = `req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=cdn -keyout ${certificate} -out ${folder}/certificate.pem`
  execFileSync('openssl', words.split(' '), { stdio: 'ignore' })
  execFileSync('sh', ['-c', `cat ${folder}/certificate.pem >>${certificate}`])
  const nginx = await startNginx({
    listen: `ssl; ssl_certificate ${certificate}; ssl_certificate_key ${certificate}; ssl_client_certificate ${certificate}; ssl_verify_client on`,
  })
  const { probes } = await nginx.probe(['/'], nginx.pages, { scheme: 'https', certificate })
  expect(probes[0]).toMatchObject({ status: 200, cache: 'MISS', then: 'HIT' })
  const refused = (await nginx.probe(['/'], nginx.pages, { scheme: 'https' })).probes[0]!
  expect(likelyRefusal(refused.status)).toContain('clientCertificate')
})

it.each([
  ['a password', 'auth_basic closed; auth_basic_user_file /dev/null;', 'wants a password'],
  ['an allow-list', 'allow 192.0.2.0/24; deny all;', 'allow-list'],
])('with %s: the cause is told', async (_name, location, cause) => {
  const nginx = await startNginx({ location })
  const refused = (await nginx.probe()).probes[0]!
  expect(likelyRefusal(refused.status)).toContain(cause)
})
