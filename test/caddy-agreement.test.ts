import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { goldenProxy } from '../packages/core/test/golden-proxies.ts'
import { readCaddy } from '../packages/core/src/systems/caddy/read.ts'
import { type Compared, describeAgreement, reasonToSkip } from './proxy-sockets/agreement.ts'
import { CADDY_CASES } from './proxy-sockets/caddy.ts'
import { CADDY_REQUESTS } from './proxy-sockets/requests.ts'
import { type Program, refusal } from './proxy-sockets/real.ts'

const CADDY: Program = {
  path: '/usr/bin/caddy',
  check: (main) => (main.endsWith('.json') ? ['cat', main] : ['/usr/bin/caddy', 'adapt', '--config', main, '--adapter', 'caddyfile']),
  command: () => ['/usr/bin/caddy', 'run', '--config', 'adapted.json'],
  ready: 'serving initial configuration',
}

const COMPARED: Compared = {
  name: 'Caddy',
  program: CADDY,
  read: readCaddy,
  sockets: CADDY_CASES,
  requests: CADDY_REQUESTS,
}
const reason = reasonToSkip(COMPARED)
describeAgreement(COMPARED, reason !== undefined)

/** Golden cases that this Caddy does not take, and why. */
const NOT_TAKEN: ReadonlyMap<string, string> = new Map([
  ['env.txt', 'variables that are not set'],
  ['json.txt', 'no Caddyfile'],
  ['newer.txt', 'of Caddy 2.7 and later'],
  ['options.txt', 'modules that are not built in'],
  ['refused.txt', 'mistakes'],
])

describe.skipIf(reason !== undefined)('Caddy takes what the golden cases are read from', () => {
  const golden = new URL('../packages/core/src/systems/caddy/golden/', import.meta.url)
  for (const name of readdirSync(golden).filter((file) => !NOT_TAKEN.has(file)))
    test(name, () => {
      const { inputs } = goldenProxy(readFileSync(new URL(name, golden), 'utf8'))
      expect(refusal(CADDY, { main: 'Caddyfile', files: Object.fromEntries(inputs) })).toBeUndefined()
    })
})
