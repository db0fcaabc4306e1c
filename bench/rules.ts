import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { bundled } from './bundled.ts'
import type { Measured } from './measure.ts'
import { plot } from './plot.ts'
import { SHAPES } from './shapes.ts'

const COUNTS = [100, 1_000, 10_000, 100_000]
const ENDPOINTS = 1_000
/** The goal: reading not counted. */
const GOAL = { rules: 10_000, ms: 1_000 }

/** How long rules of each shape take as they become more, and what memory: printed line by line, and written to docs/speed.md. */
export async function measureRules(print: (text: string) => void): Promise<void> {
  const script = await bundled('measure.ts')
  print(row(['', ...COUNTS.map((count) => `${count} rules`)]))
  const all = Object.entries(SHAPES).map(([name, { title }]) => {
    const measured = COUNTS.map((count) => measure(script, name, count))
    print(row([title, ...measured.map(({ read, compute, memory }) => `${ms(read)} + ${ms(compute)}, ${memory} MiB`)]))
    return { name, title, measured }
  })
  writeFileSync(fileURLToPath(new URL('../docs/speed.md', import.meta.url)), page(all))
  print('wrote docs/speed.md')
}

interface Row {
  readonly name: string
  readonly title: string
  readonly measured: readonly Measured[]
}

function measure(script: string, shape: string, rules: number): Measured {
  const run = spawnSync(process.execPath, [script, shape, `${rules}`, `${ENDPOINTS}`], { encoding: 'utf8', timeout: 300_000 })
  if (run.status !== 0) throw new Error(`${shape}, ${rules} rules: ${run.stderr || run.signal}`)
  return JSON.parse(run.stdout) as Measured
}

function row(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(42) : cell.padStart(28))).join('')
}

function ms(time: number): string {
  // The kernel counts a thread's time in ticks.
  return time < 5 ? '< 5 ms' : `${Math.round(time)} ms`
}

function page(rows: readonly Row[]): string {
  const table = (title: string, cell: (one: Measured) => string): readonly string[] => [
    `| ${title} | ${COUNTS.map((count) => `${count.toLocaleString('en')} rules`).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(COUNTS.length)}`,
    ...rows.map((one) => `| ${one.title} | ${one.measured.map(cell).join(' | ')} |`),
    '',
  ]
  const at = COUNTS.indexOf(GOAL.rules)
  const slow = rows.filter(({ measured }) => (measured[at]?.compute ?? 0) > GOAL.ms)
  const verdict =
    slow.length === 0 ? 'It holds for every shape.' : `It does not hold yet for: ${slow.map(({ title }) => title).join('; ')}.`
  return [
    '# Speed of the computation',
    '',
    '<!-- Made by `npm run bench -- rules`. -->',
    '',
    `A host on the internet and on a LAN, with 50 pods on a bridge, both families, ${ENDPOINTS.toLocaleString('en')} endpoints: what of it senders of every zone (internet, neighbours, containers) reach, behind so many rules, half of them for each family. Milliseconds of the thread that computes, the best of three runs (of 100,000 rules one) in a process of its own, on a machine with ${cpus().length} cores.`,
    '',
    `The goal is ${GOAL.rules.toLocaleString('en')} rules in one second. ${verdict}`,
    '',
    ...table('computing', ({ compute }) => ms(compute)),
    '```',
    plot(
      rows.map(({ title, measured }) => ({
        title,
        points: measured.map(({ compute }, index) => [COUNTS[index] as number, compute] as const),
      })),
    ),
    '```',
    '',
    'Before that the rules are read from what `iptables-save`, `ip6tables-save` or `nft -j list ruleset` print:',
    '',
    ...table('reading', ({ read }) => ms(read)),
    'The most memory that the process had, with what Node takes:',
    '',
    ...table('peak', ({ memory }) => `${memory} MiB`),
    'The shapes:',
    '',
    '- a port each: every rule accepts one port from one network; rules are found by the port.',
    '- a source each: every rule drops one address; every packet has to be asked about.',
    '- one chain of sets: rules of nftables, for both families in one chain, each with a set of networks and one of ports.',
    '- chains of services and pods: a chain for each service and each pod behind it, which translates, and one for each pod in the filter.',
    '- ports and sources, a tenth not understood: a match that nobody knows every ten rules, so that what it decides may be open, with the reasons.',
    '',
  ].join('\n')
}
