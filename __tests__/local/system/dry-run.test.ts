// A dry run through the whole local system: from the slash command to the message, with every defect that it is to find.

import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartExecutionCommand } from '@aws-sdk/client-sfn'
import { afterEach, describe, expect, it } from 'vitest'
import type { Instance } from '../../../local/instance/instance.ts'
import { signedSlashCommand, slashCommandForm } from '../../../local/slack/client.ts'
import targets from '../../targets.ts'
import { askDryRun } from './ask-dry-run.ts'
import { shareSystem } from './share-system.ts'

const shared = shareSystem(targets, 0.05)
const { system, sfn, machine, executions, requests, messages } = shared
const portal = (): Instance => system().aws.instances.find(({ instanceId }) => instanceId === 'i-0a1b2c3d4e5f60718')!
const main = (): Instance => system().aws.instances.find(({ tags }) => tags['Site'] === 'main')!

afterEach(() => {
  // Whatever was wrong: nothing was purged.
  expect(requests().filter(({ accepted }) => accepted)).toEqual([])
})

const dryRun = (target?: string) => askDryRun(shared, target)

/** The findings that are not in order, as `problem FastCGI: …`. */
const faults = async (target?: string): Promise<string[]> =>
  (await dryRun(target)).findings.filter(({ level }) => level !== 'ok').map(({ level, about, words }) => `${level} ${about}: ${words}`)
const matching = (text: string): unknown => expect.stringContaining(text)

const put = async ({ root }: Instance, path: string, content: string): Promise<void> => {
  await mkdir(dirname(join(root, path)), { recursive: true })
  await writeFile(join(root, path), content)
}
const nginxConf = 'etc/nginx/nginx.conf'
const editNginx = async ({ root }: Instance, from: string, to: string): Promise<void> => {
  const text = await readFile(join(root, nginxConf), 'utf8')
  expect(text).toContain(from)
  await writeFile(join(root, nginxConf), text.replace(from, to))
}

/** Every file and directory of an instance with what a change would change; but for the folder in which the agent works. */
const snapshot = async ({ root }: Instance): Promise<string[]> => {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const lines = entries.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name)
    const { mtimeMs, ctimeMs, size, mode, uid } = await stat(path)
    return [path.slice(root.length), mtimeMs, ctimeMs, size, mode, uid].join(' ')
  })
  return (await Promise.all(lines)).filter((line) => !/^\/(var\/lib\/amazon|tmp)\b/.test(line)).sort()
}

describe('a dry run', () => {
  it('is asked for in Slack, and ends with one message that has the plan and the findings', async () => {
    const before = messages().length
    const { body } = await signedSlashCommand({
      url: system().slackUrl,
      signingSecret: system().signingSecret,
      form: slashCommandForm({ text: 'Portal --dry-run' }),
    })
    expect(JSON.parse(body)).toEqual({
      response_type: 'in_channel',
      text: '<@U0123456789> asks for a dry run of *TD Portal*: W3 Total Cache → FastCGI → Cloudflare. Nothing will be deleted. The plan and the findings follow.',
    })
    await system().ended(executions()[0]!)
    const [message, ...more] = messages().slice(before)
    expect(more).toEqual([])
    const lines = message!
      .split('\n')
      .slice(0, -1)
      .map((line) => line.replace(/\d+\.\d kB in \d+ files/, 'N kB in N files'))
    expect(lines).toEqual([
      'TD Portal: dry run, nothing was deleted',
      'A purge would go through as planned.',
      'Plan',
      '1. W3 Total Cache: wp w3-total-cache flush all in /var/www/portal as ubuntu, on 1 instance; would free about N kB in N files',
      '2. FastCGI: reload nginx and delete the content of /var/cache/nginx/portal, on 1 instance; would free about N kB in N files',
      '3. Cloudflare: purge host portal.example.com',
      '4. Probe: ask for https://portal.example.com/ on every instance and at Cloudflare, and purge once more what is stale',
      'Findings',
      '✅ Instances: i-0a1b2c3d4e5f60718: found, reachable, and the SSM agent runs our documents',
      '✅ W3 Total Cache: WP-CLI answers as ubuntu, and W3 Total Cache is active',
      '✅ FastCGI: nginx runs and its configuration is valid; /var/cache/nginx/portal is one of its caches; the key is $scheme$request_method$host$request_uri',
      '✅ Cloudflare: the credentials may purge the zone 0123456789abcdef0123456789abcdef',
      '✅ Probes: https://portal.example.com/ is cached (HIT)',
    ])
    expect(message).toMatch(/Asked by @U0123456789 from Slack/)
  })

  it.each(['portal', 'main'])('of %s leaves every file of every instance as it was, and Cloudflare purges nothing', async (target) => {
    await dryRun(target)
    const before = await Promise.all([portal(), main()].map(snapshot))
    const asked = requests().length
    expect((await dryRun(target)).outcome).toBe('ready')
    expect(await Promise.all([portal(), main()].map(snapshot))).toEqual(before)
    expect(before.flat().length).toBeGreaterThan(100)
    expect(requests().slice(asked)).toMatchObject([{ status: 400, accepted: false }])
  })

  it('reports what a purge then frees', async () => {
    const { plan } = await dryRun('main')
    const files = async (path: string): Promise<number> =>
      (await readdir(join(main().root, path), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length
    expect(plan.map((step) => step.files)).toEqual([
      await files('var/www/main/wp-content/cache/wp-rocket'),
      await files('var/cache/nginx/main'),
      null,
      null,
    ])
    for (const { bytes } of plan.slice(0, 2)) expect(bytes).toBeGreaterThan(100_000)
  })

  it('of a target that has only an edge asks only Cloudflare', async () => {
    const { plan, findings } = await dryRun('assets')
    expect(plan.map(({ label }) => label)).toEqual(['Cloudflare'])
    expect(findings.map(({ level, about }) => `${level} ${about}`)).toEqual(['warning Probes', 'ok Cloudflare'])
  })

  it('has an output that says that it is one, and no verdict', async () => {
    const report = await dryRun()
    expect(report).toMatchObject({ dryRun: true, outcome: 'ready', source: 'manual', target: { id: 'portal', label: 'TD Portal' } })
    expect(report).not.toHaveProperty('verdict')
  })

  it('that cannot be planned is told as a dry run that failed', async () => {
    await sfn().send(new StartExecutionCommand({ stateMachineArn: machine().arn, input: '{"target": "nope", "dryRun": true}' }))
    await system().ended(executions()[0]!)
    expect(messages().at(-1)).toMatch(/^purgeflow: dry run failed, nothing was deleted[^]*Valid targets: portal, main/)
  })
})

describe('a dry run finds', () => {
  it('a cache directory that is not there', async () => {
    await rm(join(main().root, 'var/www/main/wp-content/cache/wp-rocket'), { recursive: true })
    await rm(join(main().root, 'var/cache/nginx/main'), { recursive: true })
    const found = await faults('main')
    expect(found).toContainEqual(
      matching(
        'problem WP Rocket: /var/www/main/wp-content/cache/wp-rocket does not exist. A purge would find nothing and report success: correct cachePath',
      ),
    )
    expect(found).toContainEqual(matching('problem FastCGI: /var/cache/nginx/main is gone'))
  })

  it('a directory that nginx caches nothing in', async () => {
    await editNginx(portal(), '/var/cache/nginx/portal', '/var/cache/nginx/pages')
    expect(await faults()).toEqual([
      matching('problem FastCGI: nginx keeps no cache in /var/cache/nginx/portal, its caches are in /var/cache/nginx/pages'),
    ])
  })

  it('a directory that is a part of a site', async () => {
    await put(portal(), 'var/cache/nginx/portal/wp-config.php', '<?php')
    try {
      expect(await faults()).toEqual([
        matching('problem FastCGI: a purge would fail: CachePath holds wp-config.php, so it is a part of a site'),
      ])
    } finally {
      await rm(join(portal().root, 'var/cache/nginx/portal/wp-config.php'))
    }
  })

  it('open_file_cache', async () => {
    await editNginx(portal(), 'http {', 'http {\n  open_file_cache max=1000 inactive=20s;')
    expect(await faults()).toEqual([matching('warning FastCGI: open_file_cache is on')])
  })

  it.each(['open_file_cache off;', '# open_file_cache max=1000;'])('nothing in %j', async (line) => {
    await editNginx(portal(), 'http {', `http {\n  ${line}`)
    expect(await faults()).toEqual([])
  })

  it('a cache key by which no page can be found', async () => {
    await editNginx(portal(), '$scheme$request_method$host$request_uri', '$request_uri$cookie_language')
    expect(await faults()).toEqual([
      matching('warning FastCGI: fastcgi_cache_key $request_uri$cookie_language does not end in $host$request_uri'),
    ])
  })

  it('an nginx that does not tell what its cache does', async () => {
    await editNginx(portal(), 'add_header X-FastCGI-Cache $upstream_cache_status;', '')
    expect(await faults()).toEqual([matching('warning FastCGI: nginx sends no $upstream_cache_status')])
  })

  it('a configuration that nginx refuses', async () => {
    await editNginx(portal(), '  }\n}\n', '  }\n')
    expect(await faults()).toEqual([
      matching(
        'problem FastCGI: nginx -t refuses the configuration, so a purge would fail and delete nothing: nginx: [emerg] unexpected end of file',
      ),
    ])
  })

  it('a pid file that names no process', async () => {
    await rm(join(portal().root, 'run/nginx.pid'))
    const [found, ...more] = await faults()
    expect(found).toMatch(/FastCGI: nginx (does not run|runs, but) .*run\/nginx\.pid/)
    expect(more).toEqual([])
  })

  it('an nginx that cannot be called', async () => {
    await rename(join(portal().root, 'usr/sbin/nginx'), join(portal().root, 'usr/sbin/nginx.away'))
    try {
      // This machine may have an nginx of its own, which must not be asked.
      await put(portal(), 'usr/local/bin/nginx', '#!/bin/sh\necho "nginx: [emerg] no such thing" >&2; exit 1\n')
      await chmod(join(portal().root, 'usr/local/bin/nginx'), 0o755)
      expect(await faults()).toEqual([expect.stringMatching(/^problem FastCGI: nginx (does not run|runs, but)/) as string])
    } finally {
      await rename(join(portal().root, 'usr/sbin/nginx.away'), join(portal().root, 'usr/sbin/nginx'))
    }
  })

  it('a plugin that is not active', async () => {
    await rm(join(portal().root, 'var/www/portal/wp-content/plugins/w3-total-cache'), { recursive: true })
    await rm(join(main().root, 'var/www/main/wp-content/plugins/wp-rocket'), { recursive: true })
    expect(await faults()).toEqual([matching('problem W3 Total Cache: W3 Total Cache is not active in this site, so a purge would fail')])
    expect(await faults('main')).toEqual([matching('warning WP Rocket: WP Rocket is not active in this site, so a purge would only empty')])
  })

  it('a WP-CLI that does not work', async () => {
    await put(portal(), 'usr/local/bin/wp', '#!/bin/sh\necho "Error: Error establishing a database connection." >&2; exit 1\n')
    expect(await faults()).toEqual([
      matching(
        'problem W3 Total Cache: wp does not work in /var/www/portal, so a purge would fail: Error: Error establishing a database connection.',
      ),
    ])
  })

  it('a site that is no WordPress, and a site that is not there', async () => {
    await rm(join(portal().root, 'var/www/portal/wp-config.php'))
    expect(await faults()).toEqual([
      matching(
        'problem W3 Total Cache: wp does not work in /var/www/portal, so a purge would fail: Error: This does not seem to be a WordPress installation.',
      ),
    ])
    await rm(join(portal().root, 'var/www/portal'), { recursive: true })
    expect(await faults()).toEqual([
      matching('problem W3 Total Cache: sitePath is not a directory, so a purge would fail: /var/www/portal'),
    ])
  })

  it('a user that does not exist', async () => {
    await put(portal(), 'etc/passwd', 'root:x:0:0::/root:/bin/bash\n')
    expect(await faults()).toEqual([
      matching('problem W3 Total Cache: wp cannot run as ubuntu: there is no user ubuntu on this instance. Correct runAs'),
    ])
  })

  it("W3 Total Cache's Cloudflare extension", async () => {
    const settings = {
      'extensions.active': { amp: 'w3-total-cache/Extension_Amp_Plugin.php', cloudflare: 'w3-total-cache/Extension_CloudFlare_Plugin.php' },
      'extensions.active_frontend': { amp: '*' },
    }
    await put(portal(), 'var/www/portal/wp-content/w3tc-config/master.php', `<?php exit; ?>${JSON.stringify(settings, null, 4)}`)
    expect(await faults()).toEqual([
      matching("warning W3 Total Cache: W3 Total Cache's Cloudflare extension is active: it purges Cloudflare before"),
    ])
  })

  it('settings of W3 Total Cache that are kept elsewhere', async () => {
    await rm(join(portal().root, 'var/www/portal/wp-content/w3tc-config'), { recursive: true })
    expect(await faults()).toEqual([matching('warning W3 Total Cache: the settings of W3 Total Cache are not in')])
  })

  it("WP Rocket's Cloudflare add-on", async () => {
    await put(main(), 'var/www/main/wp-content/options/wp_rocket_settings/do_cloudflare', '1\n')
    expect(await faults('main')).toEqual([matching("warning WP Rocket: WP Rocket's Cloudflare add-on is on: it purges Cloudflare before")])
    await put(main(), 'var/www/main/wp-content/options/wp_rocket_settings/do_cloudflare', '0\n')
    expect(await faults('main')).toEqual([])
  })

  it.each(['plugin_specific_cache', 'automatic_platform_optimization'])(
    "Cloudflare's own plugin with %s, which WP Rocket sets off",
    async (option) => {
      await put(main(), `var/www/main/wp-content/options/${option}/value`, '1\n')
      expect(await faults('main')).toEqual([])
      await put(main(), 'var/www/main/wp-content/plugins/cloudflare/cloudflare.php', '<?php')
      expect(await faults('main')).toEqual([
        matching('warning WP Rocket: the Cloudflare plugin purges whenever WP Rocket clears its cache'),
      ])
    },
  )

  it('an agent too old to pass parameters', async () => {
    await put(portal(), 'usr/local/bin/bash', '#!/bin/sh\nunset SSM_CachePath\nexec /bin/bash "$@"\n')
    await chmod(join(portal().root, 'usr/local/bin/bash'), 0o755)
    expect(await faults()).toContainEqual(
      matching(
        'the script ended as Failed: SSM_CachePath: has no value: give the parameter, or update SSM Agent on this instance to 3.3.2746.0 or later',
      ),
    )
  })

  it('a tag that no instance has', async () => {
    const tags = main().tags as Record<string, string>
    tags['Site'] = 'other'
    try {
      expect(await faults('main')).toEqual([matching('problem Instances: tag:Site=main: no instance matches. A purge would fail')])
    } finally {
      tags['Site'] = 'main'
    }
  })

  it.each([
    [
      'a token of another zone',
      403,
      10000,
      'Authentication error',
      'problem Cloudflare: the credentials may not purge, so a purge would fail at the end. HTTP 403: 10000 Authentication error. Check that the credentials in /purgeflow/cloudflare/portal-token may purge the zone',
    ],
    [
      'a token that is wrong',
      401,
      9109,
      'Invalid access token',
      'problem Cloudflare: the credentials may not purge, so a purge would fail at the end. HTTP 401: 9109 Invalid access token',
    ],
    [
      'a header that Cloudflare cannot read',
      400,
      6003,
      'Invalid request headers',
      'problem Cloudflare: the credentials may not purge, so a purge would fail at the end. HTTP 400: 6003',
    ],
  ])('%s', async (_, status, code, message, words) => {
    system().cloudflare.setFault({ mode: 'reject', status, code, message })
    expect(await faults()).toEqual([matching(words)])
  })

  it.each([
    [{ mode: 'fail', status: 503 }, 'HTTP 503'],
    [{ mode: 'throttle', retryAfter: 30 }, 'HTTP 429: 971'],
  ] as const)('a Cloudflare that cannot say: %j', async (fault, said) => {
    system().cloudflare.setFault(fault)
    expect(await faults()).toEqual([matching(`warning Cloudflare: the credentials could not be checked (${said}`)])
  })

  it('a page that is not there to be probed', async () => {
    await put(portal(), 'etc/purgeflow-local-origin', '9\n')
    try {
      expect(await faults()).toEqual([
        matching('warning Probes: https://portal.example.com/ has no answer on the instance, so a purge would end as unproven'),
      ])
    } finally {
      await put(portal(), 'etc/purgeflow-local-origin', new URL(system().originUrls.get(portal().instanceId)!).port)
    }
  })

  it('several things at once, the worst first', async () => {
    system().cloudflare.setFault({ mode: 'fail', status: 500 })
    await editNginx(portal(), 'http {', 'http {\n  open_file_cache max=1000;')
    await rm(join(portal().root, 'var/www/portal/wp-content/plugins/w3-total-cache'), { recursive: true })
    const { findings, text } = await dryRun()
    expect(findings.map(({ level, about }) => `${level} ${about}`)).toEqual([
      'problem W3 Total Cache',
      'warning FastCGI',
      'warning Cloudflare',
      'ok Instances',
      'ok FastCGI',
      'ok Probes',
    ])
    expect(text).toContain('A purge would fail or leave old copies: 1 problem, 2 warnings.')
  })
})
