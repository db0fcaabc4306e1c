import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { argv, stdout } from 'node:process'
import { parseCases } from './cases.ts'
import { wrongOf } from './run.ts'

/** Runs the cases of a file in the network namespace that it was started in, whose only interface gets the addresses that the cases name. */
const cases = parseCases(readFileSync(argv[2] ?? '', 'utf8'))
const addresses = new Set(cases.flatMap(({ from, to }) => [from ?? '', to]).filter((address) => !/^$|^127\.|^::1$/.test(address)))

execFileSync('ip', ['link', 'set', 'lo', 'up'])
for (const address of addresses) {
  const prefix = address.includes(':') ? [`${address}/128`, 'nodad'] : [`${address}/32`]
  execFileSync('ip', ['address', 'add', ...prefix, 'dev', 'lo'])
}
stdout.write(JSON.stringify(await wrongOf(cases, 'http', false)))
