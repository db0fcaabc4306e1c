import { hiddenRules } from '@sallyport/core/reach'
import { readIptablesSave } from '@sallyport/core/systems'

/**
 * Rules that can never match, looked for in many rules of several shapes: milliseconds of the processor, and how many times as long as reading the
 * rules takes. `node --conditions=source --import tsx bench/hygiene.ts [RULES]`.
 */
const COUNT = Number(process.argv[2] ?? 10_000)

const source = (index: number): string => `198.${18 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`

const SHAPES: Readonly<Record<string, (index: number) => string>> = {
  'a source each': (index) => `-A INPUT -s ${source(index)}/32 -j DROP`,
  'a port each': (index) => `-A INPUT -p tcp -m tcp --dport ${index + 1} -j ACCEPT`,
  'sources, ports and devices': (index) =>
    `-A INPUT -s ${source(index * 7)}/${24 + (index % 9)} -i eth${index % 7} -p udp -m udp --dport ${(index * 31) % 65_536} -j ACCEPT`,
  'some ports for each source': (index) => `-A INPUT -s ${source(index)}/32 -p tcp -m multiport --dports 22,80,443 -j ACCEPT`,
  'each twice': (index) => `-A INPUT -s ${source(index >> 1)}/32 -j DROP`,
  'all hidden by the first': (index) => (index === 0 ? '-A INPUT -j DROP' : `-A INPUT -s ${source(index)}/32 -j ACCEPT`),
  'long ranges that overlap': (index) =>
    `-A INPUT -s ${1 + ((index * 13) % 223)}.0.0.0/8 -p tcp -m tcp --dport ${(index * 37) % 30_000}:${((index * 37) % 30_000) + (index % 20_000)} -j ACCEPT`,
}

function spent(work: () => number): { readonly ms: number; readonly found: number } {
  const rounds = Array.from({ length: 3 }, () => {
    const start = process.cpuUsage()
    const found = work()
    return { ms: process.cpuUsage(start).user / 1_000, found }
  })
  return rounds.reduce((best, one) => (one.ms < best.ms ? one : best))
}

for (const [name, rule] of Object.entries(SHAPES)) {
  const text = ['*filter', ':INPUT DROP [0:0]', ...Array.from({ length: COUNT }, (_, index) => rule(index)), 'COMMIT', ''].join('\n')
  const read = () => readIptablesSave(text, { family: 4, backend: 'legacy' }).ruleset
  const reading = spent(() => read().tables.length)
  const rulesets = Array.from({ length: 3 }, read)
  const { ms, found } = spent(() => hiddenRules([rulesets.pop() ?? read()]).length)
  process.stdout.write(
    `${name.padEnd(28)} ${ms.toFixed(0).padStart(6)} ms, ${(ms / reading.ms).toFixed(1).padStart(4)} x reading, ${found} hidden\n`,
  )
}
