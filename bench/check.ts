/**
 * How long `sallyport check` of the engines takes as a whole process, on a host with 50 listeners and 200 rules, as a ratio to `node -e 0`
 * in the same run. `npm run bench -- check`.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Lab } from '../lab/index.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const CLI = join(ROOT, 'packages/cli/dist/main.js')
const ENGINES = join(ROOT, 'examples/engines/right')
const ROUNDS = 20
const LISTENERS = 50
const RULES = 200

const RULESET = [
  '*filter',
  ':INPUT DROP [0:0]',
  ':FORWARD ACCEPT [0:0]',
  ':OUTPUT ACCEPT [0:0]',
  '-A INPUT -i lo -j ACCEPT',
  '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ...Array.from(
    { length: RULES - 2 },
    (_, index) => `-A INPUT -s 198.51.100.${index % 250}/32 -p tcp -m tcp --dport ${20000 + index} -j ACCEPT`,
  ),
  'COMMIT',
  '',
].join('\n')

const lab = await Lab.create({
  zones: { internet: ['198.51.100.0/24', '2001:db8:51::/64'] },
  hosts: { server: { on: { internet: ['198.51.100.10', '2001:db8:51::10'] }, defaultRoute: 'internet' } },
})
try {
  const { server } = lab.hosts
  await server.iptables(RULESET)
  await server.ip6tables(RULESET.replaceAll(/-s \S+ /g, ''))
  await server.listenAll(
    Array.from({ length: LISTENERS }, (_, index) => ({ protocol: 'tcp' as const, address: '0.0.0.0', port: 20000 + index })),
  )
  // Timed inside the host, so that entering it is in neither figure.
  const script = `
    const { spawnSync } = require('node:child_process')
    const time = (...args) => { const start = process.hrtime.bigint(); spawnSync(process.execPath, args, { stdio: 'ignore' }); return Number(process.hrtime.bigint() - start) / 1e6 }
    const check = ['${CLI}', 'check', '${ENGINES}', '--fail-on', 'never']
    time(...check)
    const rows = Array.from({ length: ${ROUNDS} }, () => [time('-e', '0'), time(...check)])
    const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1]
    console.log(JSON.stringify({ node: median(rows.map((row) => row[0])), check: median(rows.map((row) => row[1])), ratio: median(rows.map((row) => row[1] / row[0])) }))
  `
  const { stdout } = await server.run([process.execPath, '-e', script], { timeoutMs: 120_000 })
  const { node, check, ratio } = JSON.parse(stdout) as { node: number; check: number; ratio: number }
  const load = spawnSync('uptime', { encoding: 'utf8' }).stdout.trim()
  process.stdout.write(`${LISTENERS} listeners, ${RULES} rules a family, ${ROUNDS} rounds\n`)
  process.stdout.write(
    `node -e 0        ${node.toFixed(0)} ms\nsallyport check  ${check.toFixed(0)} ms\nratio            ${ratio.toFixed(2)} (median of pairs; goal 5)\n${load}\n`,
  )
} finally {
  await lab.close()
}
