import { Failure } from '../failure.ts'
import { must, type Place } from './namespace.ts'

/**
 * The packet filter of one namespace as its own tools print it and load it, a text for each table: `nft inet filter`, `iptables-nft filter`,
 * `ip6tables-legacy nat`, and `ipset` for all sets of that kind. Without counters.
 */
export type Rules = ReadonlyMap<string, string>

/** The families' programs; the tables of iptables-nft are nftables' too, which cannot load again what it prints of their extensions. */
const SAVED = [
  { program: 'iptables', family: 'ip' },
  { program: 'ip6tables', family: 'ip6' },
] as const

const NEXT = 'install nftables, and run it as root'

/** Every table there is. Throws `Failure` where one cannot be read: what is not seen cannot be kept as it is. */
export async function readRules(place: Place): Promise<Rules> {
  const rules = new Map<string, string>()
  const listed = await must(place.run('nft list tables'), 'the tables of nftables cannot be listed', NEXT)
  const native = new Set(tableNames(listed))
  for (const { program, family } of SAVED) {
    const own = [...native].some((name) => name.startsWith(`${family} `)) ? await saved(place, `${program}-nft`) : new Map<string, string>()
    for (const [name, text] of own) if (native.delete(`${family} ${name}`)) rules.set(`${program}-nft ${name}`, text)
    for (const [name, text] of await saved(place, `${program}-legacy`, `[ -s /proc/self/net/${family}_tables_names ] || exit 0`))
      rules.set(`${program}-legacy ${name}`, text)
  }
  for (const name of native)
    rules.set(`nft ${name}`, await must(place.run(`nft -s list table ${name}`), `the table ${name} cannot be listed`, NEXT))
  if ([...rules.values()].some((text) => text.includes('--match-set')))
    rules.set('ipset', await must(place.run('ipset save'), 'the sets that rules name cannot be listed', 'install ipset'))
  return rules
}

/** What `nft list tables` prints: `inet sallyport`. Throws `Failure` where a name is none that nft(8) itself would take: it goes into a script of sh(1). */
export function tableNames(listed: string): readonly string[] {
  return listed.split('\n').flatMap((line) => {
    if (line === '') return []
    const name = /^table ([a-z0-9]+ [A-Za-z_][\w./-]*)$/.exec(line)?.[1]
    if (name === undefined) throw new Failure(`there is a table that cannot be named: ${line}`, 'whoever made it has to take it away first')
    return [name]
  })
}

/** By table, each from its `*name` to its `COMMIT`; those that the program says it cannot print are not among them. */
async function saved(place: Place, tool: string, first = ''): Promise<ReadonlyMap<string, string>> {
  const script = `${first}\ncommand -v ${tool}-save >/dev/null || exit 0\n${tool}-save`
  const text = await must(place.run(script), `the rules of ${tool} cannot be listed`, 'run it as root')
  const incomplete = new Set(Array.from(text.matchAll(/^# Table [`']([^']+)' (?:is|contains) incompatible/gm), (found) => found[1] ?? ''))
  return new Map(
    Array.from(text.matchAll(/^\*(\S+)$[^]*?^COMMIT$/gm), (found): [string, string] => [found[1] ?? '', comparable(found[0])]).filter(
      ([name]) => !incomplete.has(name),
    ),
  )
}

/** As it can be compared: in which order chains were made says nothing, that of the rules in each does. */
function comparable(text: string): string {
  const lines = text.split('\n').filter((line) => !line.startsWith('#'))
  const ofKind = (start: string): readonly string[] => lines.filter((line) => line.startsWith(start))
  const chains = ofKind(':').map((line) => line.replace(/^(:\S+ \S+) \[\d+:\d+\]$/, '$1 [0:0]'))
  const chainOf = (line: string): string => line.split(' ', 2)[1] ?? ''
  const rules = ofKind('-A ').toSorted((a, b) => (chainOf(a) < chainOf(b) ? -1 : Number(chainOf(a) > chainOf(b))))
  return [...ofKind('*'), ...chains.toSorted(), ...rules, 'COMMIT', ''].join('\n')
}

/** Files, and the script that loads them where nothing is yet. */
export function loading(rules: Rules): { readonly files: ReadonlyMap<string, string>; readonly script: string } {
  const files = new Map<string, string>()
  const lines: string[] = []
  const add = (name: string, command: string, keys: readonly string[]): void => {
    if (keys.length === 0) return
    files.set(name, keys.map((key) => rules.get(key) ?? '').join('\n'))
    lines.push(command.replace('FILE', name))
  }
  const of = (prefix: string): readonly string[] => [...rules.keys()].filter((key) => key.startsWith(`${prefix} `))
  add('there.ipset', 'ipset restore -file FILE', rules.has('ipset') ? ['ipset'] : [])
  for (const { program } of SAVED)
    for (const backend of ['legacy', 'nft'])
      add(`there.${program}-${backend}`, `${program}-${backend}-restore FILE`, of(`${program}-${backend}`))
  add('there.nft', 'nft -f FILE', of('nft'))
  return { files, script: lines.join('\n') }
}

/** The tables that are not alike, by key. `part`: what of each is looked at. */
export function differing(a: Rules, b: Rules, part: (key: string, text: string) => string = (_, text) => text): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((key) => part(key, textOf(a, key)) !== part(key, textOf(b, key)))
}

/** Of a table, by its key; empty where there is none. One of iptables without anything in it is none: its programs make them as they go. */
export function textOf(rules: Rules, key: string): string {
  const text = rules.get(key) ?? ''
  return !/^ip6?tables-/.test(key) || doesSomething(text) ? text : ''
}

/** A table of iptables, as it is saved: has a rule, a policy other than to accept, or a chain of somebody's own. */
function doesSomething(text: string): boolean {
  return /^(?:-A |:\S+ (?:DROP|-) )/m.test(text)
}

/** The lines that are meant, in their order. */
export function linesOf(text: string, isMeant: (line: string) => boolean): string {
  return text.split('\n').filter(isMeant).join('\n')
}

/** A table of iptables without the lines that are somebody's own, and without the chain for Docker where nothing leads to it or through it. */
export function withoutOwn(text: string, isOwn: (line: string) => boolean): string {
  const rest = linesOf(text, (line) => !isOwn(line))
  const isUsed = /^-A .*\bDOCKER-USER\b/m.test(rest)
  const left = linesOf(rest, (line) => isUsed || !line.startsWith(':DOCKER-USER '))
  return doesSomething(left) ? left : ''
}

/** Takes out the chain for Docker (sh(1)) in the families where it is not there yet. */
export function withoutUserChains(rules: Rules): string {
  return SAVED.filter(({ program }) => ![...rules].some(([key, text]) => key.startsWith(`${program}-`) && /^:DOCKER-USER /m.test(text)))
    .map(({ program }) => `${program} -w -X DOCKER-USER 2>/dev/null || :`)
    .join('\n')
}
