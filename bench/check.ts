/**
 * How long `sallyport check` of the engines takes as a whole process, on a host with 50 listeners and 200 rules, as a ratio to `node -e 0`
 * in the same run; and how that grows with listeners and rules, as does the computation alone, and with the networks of a Docker host.
 * `npm run bench`; `npm run bench -- rules` measures the computation with many rules of several shapes (rules.ts), `npm run bench -- guard` what the guard costs (guard/).
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Lab } from '../lab/index.ts'
import { type Release, walkNetworks } from './networks.ts'
import { measureRules } from './rules.ts'
import { type RuleKind, ruleset, walk } from './walk.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CLI = join(ROOT, 'packages/cli/dist/main.js')
const ENGINES = join(ROOT, 'examples/engines/right')

interface Times {
  readonly node: number
  readonly check: number
  /** Median of pairs: what loads the machine meanwhile loads both of a pair. */
  readonly ratio: number
}

/** Where it is set, Node reads every certificate of that file before it does anything: both of a pair take longer by the same. */
const CERTIFICATES = 'NODE_EXTRA_CA_CERTS'

/** A host of its own, timed from inside, so that entering it is in neither figure; half of the rules for each family. Milliseconds. */
async function measure(listeners: number, rules: number, rounds: number, without?: string): Promise<Times> {
  const lab = await Lab.create({
    zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'] },
    hosts: { server: { on: { internet: ['198.51.100.10', '2001:db8:51::10'] }, defaultRoute: 'internet' } },
  })
  try {
    const { server } = lab.hosts
    await server.iptables(ruleset('ports', rules / 2))
    await server.ip6tables(ruleset('ports', rules / 2).replaceAll(/-s \S+ /g, ''))
    await server.listenAll(
      Array.from({ length: listeners }, (_, index) => ({ protocol: 'tcp' as const, address: '0.0.0.0', port: 20000 + index })),
    )
    const script = `
      const { spawnSync } = require('node:child_process')
      ${without === undefined ? '' : `delete process.env.${without}`}
      const time = (...args) => { const start = process.hrtime.bigint(); spawnSync(process.execPath, args, { stdio: 'ignore' }); return Number(process.hrtime.bigint() - start) / 1e6 }
      const check = ['${CLI}', 'check', '${ENGINES}', '--fail-on', 'never']
      time(...check)
      const rows = Array.from({ length: ${rounds} }, () => [time('-e', '0'), time(...check)])
      const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1]
      console.log(JSON.stringify({ node: median(rows.map((row) => row[0])), check: median(rows.map((row) => row[1])), ratio: median(rows.map((row) => row[1] / row[0])) }))
    `
    const { stdout } = await server.run([process.execPath, '-e', script], { timeoutMs: 300_000 })
    return JSON.parse(stdout) as Times
  } finally {
    await lab.close()
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

if (process.argv[2] === 'rules') {
  await measureRules(print)
  process.exit()
}

if (process.argv[2] === 'guard') {
  const { measureGuard } = await import('./guard/index.ts')
  await measureGuard(print)
  process.exit()
}

const ROUNDS = 20
const usual = await measure(50, 200, ROUNDS)
print(`50 listeners, 200 rules (100 of each family), ${ROUNDS} rounds`)
print(`node -e 0        ${usual.node.toFixed(0)} ms`)
print(`sallyport check  ${usual.check.toFixed(0)} ms`)
print(`ratio            ${usual.ratio.toFixed(2)} (median of pairs; goal 5)`)
if (process.env[CERTIFICATES] !== undefined) {
  const plain = await measure(50, 200, ROUNDS, CERTIFICATES)
  print(`without ${CERTIFICATES}: ${plain.node.toFixed(0)} ms and ${plain.check.toFixed(0)} ms, ratio ${plain.ratio.toFixed(2)}`)
}
print('\nlisteners   rules   check / node -e 0   against the first')
for (const [listeners, rules] of [
  [50, 400],
  [50, 2_000],
  [1_000, 200],
  [1_000, 2_000],
] as const) {
  const { ratio } = await measure(listeners, rules, 5)
  print(
    `${String(listeners).padStart(9)}   ${String(rules).padStart(5)}   ${ratio.toFixed(1).padStart(17)}   ${(ratio / usual.ratio).toFixed(1).padStart(17)}`,
  )
}
// Once before, so that all are timed when V8 has compiled the same.
for (const kind of ['ports', 'sources'] as const) walk(kind, 2_000, 50)
print('\nthe computation alone    200 rules   2,000 rules   grows')
for (const [kind, listeners] of [
  ['ports', 50],
  ['ports', 1_000],
  ['sources', 50],
  ['sources', 1_000],
] as const satisfies readonly (readonly [RuleKind, number])[]) {
  const [few, many] = [walk(kind, 200, listeners), walk(kind, 2_000, listeners)]
  const name = `by ${kind}, ${listeners} listeners`
  print(
    `${name.padEnd(24)} ${`${few.toFixed(0)} ms`.padStart(9)}   ${`${many.toFixed(0)} ms`.padStart(11)}   ${(many / few).toFixed(1).padStart(5)}`,
  )
}
for (const release of [26, 28] as const satisfies readonly Release[]) walkNetworks(5, release, 5)
print('\nthe computation alone    5 networks   50 networks   grows')
for (const release of [26, 28] as const satisfies readonly Release[]) {
  const [few, many] = [walkNetworks(5, release, 5), walkNetworks(50, release, 3)]
  print(
    `${`Docker ${release}`.padEnd(24)} ${`${few.toFixed(0)} ms`.padStart(10)}   ${`${many.toFixed(0)} ms`.padStart(11)}   ${(many / few).toFixed(1).padStart(5)}`,
  )
}
print(spawnSync('uptime', { encoding: 'utf8' }).stdout.trim())
