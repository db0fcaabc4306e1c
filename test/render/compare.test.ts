import type { FileState } from '@sallyport/core/systems'
import { describe, expect, it } from 'vitest'
import { compareFilters } from '@sallyport/core/reach'
import { sourceTools } from '../../packages/cli/src/collect/source.ts'
import { policyOf, type Rendered, rendered, writerOf } from './written.ts'

const POLICY = `version: 1
name: shop
sources: { office: 198.51.100.0/24 }
services:
  ssh: { port: 22, from: office }
  http: { port: 80, from: internet, domain: shop.example.com }
  https: { port: 443, from: internet, domain: shop.example.com, tls: letsencrypt, limit: 10r/s, routes: { "/": app, /api: api } }
  app: { port: 3000, run: { pm2: app } }
  api: { port: 8000, http: { auth: user }, run: { systemd: api.service } }
  store: { port: 5432, run: { compose: store } }
  web: { port: 3001, from: internet, run: { compose: web } }
  gateway: { port: 9400 }
`
const SYSTEMS = ['nginx', 'pm2', 'compose', 'systemd', 'fail2ban', 'dotenv'] as const
/** What the compose override is for. */
const COMPOSE = 'services:\n  store: { image: x, ports: ["5432:5432"] }\n  web: { image: y, ports: ["3001:3001"] }\n'

/** In what the files differ that are there once each text was changed. */
async function differences(
  system: string,
  change: (text: string) => string = (text) => text,
  others: Readonly<Record<string, string>> = {},
) {
  const made: Rendered = await rendered(system, policyOf(POLICY))
  const there = new Map([...Object.entries(others), ...made.files.map(({ path, text }) => [path, change(text)] as const)])
  const file = (path: string): FileState => {
    const text = there.get(path)
    return text === undefined ? { kind: 'absent' } : { kind: 'text', text }
  }
  const found = (await writerOf(system)).compare(made.files, file, { filters: compareFilters, tools: sourceTools })
  return found.map(({ what, wanted, there: is }) => `${what}: ${wanted ?? '-'} | ${is ?? '-'}`)
}

const beside = (system: string): Readonly<Record<string, string>> => (system === 'compose' ? { 'compose.yaml': COMPOSE } : {})

describe('compare', () => {
  it.each(SYSTEMS)('%s: what was written does not differ', async (system) => {
    expect(await differences(system, undefined, beside(system))).toEqual([])
  })

  it.each(SYSTEMS)('%s: nor does it without its comments and with other line ends', async (system) => {
    const mark = system === 'pm2' ? '//' : '#'
    const bare = (text: string) =>
      text
        .split('\n')
        .filter((line) => !line.trimStart().startsWith(mark))
        .join('\r\n')
    expect(await differences(system, bare, beside(system))).toEqual([])
  })

  it.each(SYSTEMS)('%s: a file that is not there, or is something else, differs', async (system) => {
    const made = await rendered(system, policyOf(POLICY))
    const compare = async (state: FileState) =>
      (await writerOf(system)).compare(made.files, () => state, { filters: compareFilters, tools: sourceTools })
    expect(await compare({ kind: 'absent' })).not.toEqual([])
    for (const text of ['', '}', '\u0000{', 'a = {"', '%%%\n[', '- - - !!'.repeat(50)])
      expect(await compare({ kind: 'text', text })).not.toEqual([])
  })

  it.each([
    [
      'nginx',
      'proxy_pass http://127.0.0.1:8000',
      'proxy_pass http://127.0.0.1:8001',
      /^location = \/api of server shop\.example\.com, port 443: passed on by http to 127\.0\.0\.1:8000.*127\.0\.0\.1:8001/,
    ],
    ['nginx', '    auth_request /.sallyport/authorize;\n', '', /^location = \/api of .*asks \/\.sallyport\/authorize/],
    [
      'nginx',
      'listen 443 ssl http2;',
      'listen 127.0.0.1:443 ssl http2;',
      /^listen 0\.0\.0\.0:443 of server shop\.example\.com: TLS, HTTP\/2 \| -$/,
    ],
    ['nginx', 'rate=10r/s', 'rate=1000r/s', /at most 10r\/s.*at most 1000r\/s/],
    ['nginx', 'X-Real-IP $remote_addr', 'X-Real-IP $http_x_real_ip', /^header X-Real-IP to location .*\$remote_addr \| \$http_x_real_ip$/],
    ['nginx', 'proxy_set_header Forwarded "";', '', /^header Forwarded to location .*: cleared \| -$/],
    ['nginx', 'TLSv1.2 TLSv1.3', 'TLSv1 TLSv1.2 TLSv1.3', /^ssl_protocols of server/],
    ['nginx', 'ssl_reject_handshake on', 'ssl_reject_handshake off', /^(?:ssl_reject_handshake of )?server _/],
    ['nginx', '"~*^websocket$" websocket', 'default $http_upgrade', /^map \$http_upgrade \$sallyport_upgrade: /],
    ['pm2', "HOST: '127.0.0.1'", "HOST: '0.0.0.0'", /^HOST of app app: 127\.0\.0\.1 \| 0\.0\.0\.0$/],
    ['pm2', 'PORT: 3000', 'PORT: process.env.PORT', /^PORT of app app: 3000 \| decided outside the file$/],
    [
      'pm2',
      'env: {',
      "env_production: { HOST: '0.0.0.0' },\n      env: {",
      /^HOST of app app with --env production: 127\.0\.0\.1 \| 0\.0\.0\.0$/,
    ],
    ['compose', 'ports: !reset []', 'ports: ["5432:5432"]', /^published by service store: nothing \| 5432 of every address to 5432\/tcp$/],
    ['compose', 'HOST: "0.0.0.0"', 'HOST: "127.0.0.1"', /^HOST of service store: 0\.0\.0\.0 \| 127\.0\.0\.1$/],
    ['systemd', 'SocketBindAllow=tcp:8000', 'SocketBindAllow=any', /^SocketBindAllow of api\.service: tcp:8000 \| any$/],
    ['systemd', 'IPAddressDeny=any', 'IPAddressDeny=', /^IPAddressDeny of api\.service: any \| $/],
    ['systemd', 'NoNewPrivileges=yes\n', '', /^NoNewPrivileges of api\.service: yes \| -$/],
    ['fail2ban', 'maxretry = 5', 'maxretry = 500', /^maxretry of jail sshd: 5 \| 500$/],
    ['fail2ban', '"address":"<HOST>"', '"host":"<HOST>"', /^failregex of filter sallyport-guard: /],
    ['dotenv', 'HOST=127.0.0.1', 'HOST=0.0.0.0', /^HOST: 127\.0\.0\.1 \| 0\.0\.0\.0$/],
    ['dotenv', 'your_jwt_secret', 'sEcr3t-that-1s-real-c4n4ry', /^JWT_SECRET: a placeholder \| something that is no placeholder$/],
  ] as const)('%s: %s → %s', async (system, from, to, expected) => {
    const change = (text: string) => text.replace(from, to)
    const found = await differences(system, change, beside(system))
    expect(
      found.filter((line) => expected.test(line)),
      found.join('\n'),
    ).not.toEqual([])
    expect(found.join('\n')).not.toContain('c4n4ry')
  })

  it('C5 · what may be a secret is in no difference', async () => {
    const secret = 'sEcr3t-c4n4ry-0f-th3-t3st'
    const changes: Readonly<Record<string, (text: string) => string>> = {
      nginx: (text) =>
        text.replace('set $sallyport_key ""', `set $sallyport_key "${secret}"`).replace('Forwarded ""', `Authorization "Bearer ${secret}"`),
      pm2: (text) => text.replace("HOST: '127.0.0.1'", `API_KEY: '${secret}'`),
      systemd: (text) => `${text}Environment=API_KEY=${secret}\nExecStart=/x --token ${secret}\n`,
      dotenv: (text) => text.replace('your_jwt_secret', secret),
      compose: (text) => text.replace('HOST: "0.0.0.0"', `API_KEY: "${secret}"`),
    }
    for (const [system, change] of Object.entries(changes)) {
      const found = await differences(system, change, beside(system))
      expect(found, system).not.toEqual([])
      expect(found.join('\n'), system).not.toContain('c4n4ry')
    }
  })

  it('nginx: what holds by inheritance is the same wherever it is said', async () => {
    const moved = (text: string) => {
      const headers = [...text.matchAll(/^ {4}proxy_set_header .*\n/gm)].map(([line]) => line)
      const without = headers.reduce((rest, line) => rest.replace(line, ''), text)
      return `${[...new Set(headers)].join('')}${without}`
    }
    expect(await differences('nginx', moved)).toEqual([])
  })

  it('pm2: apps that the policy does not know are theirs', async () => {
    const added = (text: string) => text.replace('apps: [', "apps: [ { name: 'other', script: 'x.js', env: { HOST: '0.0.0.0' } },")
    expect(await differences('pm2', added)).toEqual([])
  })

  it('systemd: an empty setting takes back what was said before', async () => {
    const again = (text: string) =>
      text.replace('SocketBindAllow=tcp:8000', 'SocketBindAllow=any\nSocketBindAllow=\nSocketBindAllow=tcp:8000')
    expect(await differences('systemd', again)).toEqual([])
  })
})
