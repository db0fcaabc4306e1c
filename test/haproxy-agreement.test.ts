import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { goldenProxy } from '../packages/core/test/golden-proxies.ts'
import { actionOf, isKnown } from '../packages/core/src/systems/haproxy/keywords.ts'
import { readHaproxy } from '../packages/core/src/systems/haproxy/read.ts'
import { type Compared, describeAgreement, reasonToSkip } from './proxy-sockets/agreement.ts'
import { HAPROXY_CASES } from './proxy-sockets/haproxy.ts'
import { HAPROXY_REQUESTS } from './proxy-sockets/requests.ts'
import { type Program, refusal } from './proxy-sockets/real.ts'

const PATH = '/usr/sbin/haproxy'

const HAPROXY: Program = {
  path: PATH,
  // A folder that is not there is no file of the configuration.
  check: () => ['sh', '-c', `${PATH} -c -f haproxy.cfg $(test -d conf.d && echo -f conf.d)`],
  command: () => ['sh', '-c', `exec ${PATH} -db -f haproxy.cfg $(test -d conf.d && echo -f conf.d)`],
  ready: '',
}

const COMPARED: Compared = {
  name: 'HAProxy',
  program: HAPROXY,
  read: readHaproxy,
  sockets: HAPROXY_CASES,
  requests: HAPROXY_REQUESTS,
  shown: withoutDevice,
}
const reason = reasonToSkip(COMPARED)
describeAgreement(COMPARED, reason !== undefined)

/** Of a socket that is bound to an interface the reader tells its address: more than it takes, and nothing less. */
function withoutDevice(socket: string): string {
  return socket.replace(/%[^:]*/, '')
}

describe.skipIf(reason !== undefined)('HAProxy takes what the golden cases are read from', () => {
  const golden = new URL('../packages/core/src/systems/haproxy/golden/', import.meta.url)
  // The others hold mistakes.
  test.each(['basic.txt', 'tcp.txt'])('%s', (name) => {
    const { inputs } = goldenProxy(readFileSync(new URL(name, golden), 'utf8'))
    const text = (inputs.get('haproxy.cfg') ?? '')
      .replaceAll('/etc/haproxy/certs', 'cert.pem')
      .replaceAll('/etc/haproxy/office.lst', 'office.lst')
    const made = spawnSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=example.com', '-keyout', '-'], {
      encoding: 'utf8',
    })
    expect(made.status).toBe(0)
    const files = { 'haproxy.cfg': text, 'cert.pem': made.stdout, 'office.lst': '198.51.100.0/24\n' }
    expect(refusal(HAPROXY, { main: 'haproxy.cfg', files })).toBeUndefined()
  })
})

describe.skipIf(reason !== undefined)('C4 · every keyword that HAProxy itself lists is in a table', () => {
  const listed = reason === undefined ? spawnSync(PATH, ['-dKcfg', '-c', '-f', '/dev/null'], { encoding: 'utf8' }).stdout.split('\n') : []
  const begin = listed.findIndex((line) => line.startsWith('listen'))
  const end = listed.findIndex((line, index) => index > begin && /^\S/.test(line))
  const lines = listed.slice(begin + 1, end < 0 ? undefined : end).map((line) => line.trim().split(/[\s*(]+/))

  test('of the sections that take requests', () => {
    const keywords = new Set(lines.flatMap(([keyword]) => keyword ?? []))
    expect(keywords.size).toBeGreaterThan(20)
    expect([...keywords].filter((keyword) => keyword !== '' && !isKnown(keyword))).toEqual([])
  })

  test('of what is done to a request', () => {
    const actions = lines.flatMap(([keyword, first, second]) =>
      keyword === 'http-request'
        ? [first]
        : keyword === 'tcp-request' && /^(?:connection|content|session)$/.test(first ?? '')
          ? [second]
          : [],
    )
    expect(actions.length).toBeGreaterThan(50)
    expect(actions.filter((action) => action !== undefined && action !== '' && actionOf(action) === undefined)).toEqual([])
  })
})
