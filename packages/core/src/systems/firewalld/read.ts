import { type Evidence, type FirewallCommand, type Gap, type PortRange, show, Text, type Word } from '../../evidence/index.ts'
import { directoryOf, joinPath, nameOf } from '../paths.ts'
import { evidenceIn, type Reader, type Reading, type Snapshot } from '../system.ts'
import { CONF, DEFAULT_ZONE, servicePaths, zonePaths, ZONES } from './places.ts'
import { type Element, readXml } from './xml.ts'

/**
 * The zones of firewalld (firewalld.zone(5)), as the commands that make them: what each opens, and to whom. What the running firewall lets
 * through is told by its rules.
 */
export const reader: Reader = { read: (snapshot) => new ZoneReader(snapshot).read() }

type Rule = NonNullable<FirewallCommand['rule']>

class ZoneReader {
  readonly #snapshot: Snapshot
  readonly #needs = new Set<string>()
  readonly #globs = new Set<string>()
  readonly #evidence: Evidence[] = []

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
  }

  read(): Reading {
    const { matched } = this.#snapshot
    if (matched.includes(CONF)) this.#machine()
    for (const path of matched) if (!path.startsWith('/')) this.#zone(path)
    const asks = this.#needs.size + this.#globs.size > 0
    return { evidence: asks ? [] : this.#evidence, needs: [...this.#needs], globs: [...this.#globs] }
  }

  /** The zones that somebody has changed, and the one that every interface is in which no other names. */
  #machine(): void {
    const chosen = /^[ \t]*DefaultZone[ \t]*=[ \t]*([\w-]{1,64})[ \t]*\r?$/m.exec(this.#text(CONF)?.content ?? '')?.[1] ?? DEFAULT_ZONE
    const changed = this.#snapshot.glob(ZONES)
    if (changed === undefined) this.#globs.add(ZONES)
    const [own, shipped] = zonePaths(chosen)
    for (const path of changed ?? []) this.#zone(path, path === own)
    if (changed !== undefined && own !== undefined && shipped !== undefined && !changed.includes(own)) this.#zone(shipped, true)
  }

  #text(path: string): Text | undefined {
    const state = this.#snapshot.file(path)
    if (state === undefined) this.#needs.add(path)
    return state?.kind === 'text' ? new Text(path, state.text) : undefined
  }

  #zone(path: string, isDefault = false): void {
    const text = this.#text(path)
    if (text === undefined) return
    const zone = readXml(text.content)
    if (zone?.name !== 'zone') return this.#gap(text, 0, 'not the XML of a zone')
    const name = nameOf(path).replace(/\.xml$/, '')
    const sources = zone.children.filter((child) => child.name === 'source').flatMap((child) => child.attributes.get('address') ?? [])
    // Without interfaces a zone is for its sources alone, unless it is everybody's.
    const bound = isDefault || sources.length === 0 || zone.children.some((child) => child.name === 'interface')
    const from = bound ? [{}] : sources.map((source) => ({ from: source }))
    const say = (element: Element, option: string, rules: readonly Rule[]): void => this.#say(text, name, element, option, rules)
    if (zone.attributes.get('target') === 'ACCEPT')
      say(
        zone,
        '--set-target=ACCEPT',
        from.map((source): Rule => ({ action: 'allow', ...source })),
      )
    for (const child of zone.children) {
      if (child.name === 'rule') this.#rich(text, name, child, from)
      const opened = this.#opened(child, path)
      if (opened !== undefined)
        say(
          child,
          `--add-${child.name}=${opened.words}`,
          opened.rules.flatMap((rule) => from.map((source): Rule => ({ action: 'allow', ...rule, ...source }))),
        )
    }
  }

  /** What a port or a service is. `undefined`: neither. */
  #opened(element: Element, path: string): { readonly words: string; readonly rules: readonly Omit<Rule, 'action'>[] } | undefined {
    if (element.name === 'port') {
      const port = portOf(element)
      const words = `${element.attributes.get('port') ?? ''}/${element.attributes.get('protocol') ?? ''}`
      return { words, rules: port === undefined ? [] : [port] }
    }
    const name = element.name === 'service' ? element.attributes.get('name') : undefined
    return name === undefined ? undefined : { words: name, rules: this.#service(name, path) }
  }

  /** The ports of a service; none where its file is not there. */
  #service(name: string, zonePath: string): readonly Omit<Rule, 'action'>[] {
    // It is part of a path.
    if (!/^[\w.-]{1,64}$/.test(name)) return []
    const paths = zonePath.startsWith('/')
      ? servicePaths(name)
      : [joinPath(directoryOf(zonePath), `../services/${name}.xml`) ?? ''].filter((path) => this.#snapshot.paths.has(path))
    for (const path of paths) {
      const text = this.#text(path)
      if (text === undefined) continue
      const service = readXml(text.content)
      return service?.children.filter((child) => child.name === 'port').flatMap((child) => portOf(child) ?? []) ?? []
    }
    return []
  }

  /** `<rule>`: from whom, to what, and what becomes of it (firewalld.richlanguage(5)). */
  #rich(text: Text, zone: string, rule: Element, sources: readonly Pick<Rule, 'from'>[]): void {
    const child = (name: string): Element | undefined => rule.children.find((each) => each.name === name)
    const action = (['accept', 'reject', 'drop'] as const).find((name) => child(name) !== undefined)
    if (action === undefined) return
    const source = child('source')
    const target = child('port') ?? child('service')
    const opened = target === undefined ? { words: '', rules: [{}] } : this.#opened(target, text.path)
    const inverted = rule.children.some((each) => /^(?:true|yes)$/i.test(each.attributes.get('invert') ?? ''))
    // More than a source and a port cannot be said of a command.
    const plain = !inverted && rule.children.every((each) => PLAIN.has(each.name))
    const address = source?.attributes.get('address')
    const from = address === undefined ? sources : [{ from: address }]
    const rules = plain && (source === undefined || address !== undefined) ? (opened?.rules ?? []) : []
    const words = ['rule', address === undefined ? '' : `source address="${address}"`, target?.name ?? '', opened?.words ?? '', action]
    this.#say(
      text,
      zone,
      rule,
      `--add-rich-rule=${words.filter((word) => word !== '').join(' ')}`,
      rules.flatMap((each) => from.map((one): Rule => ({ action: ACTIONS[action], ...each, ...one }))),
    )
  }

  #say(text: Text, zone: string, element: Element, option: string, rules: readonly Rule[]): void {
    const origin = text.origin(element.offset, element.offset)
    const command = ['firewall-cmd', '--permanent', `--zone=${zone}`, option].map(
      (word): Word => ({ text: { kind: 'known', value: word, origin }, shown: show(word) }),
    )
    for (const rule of rules.length === 0 ? [undefined] : rules)
      this.#evidence.push(
        evidenceIn(
          this.#snapshot.context,
          { claim: 'firewall-command', tool: 'firewall-cmd', command, ...(rule === undefined ? {} : { rule }) } satisfies FirewallCommand,
          origin,
        ),
      )
  }

  #gap(text: Text, offset: number, what: string): void {
    const gap: Gap = { claim: 'gap', code: 'not-understood', what, affects: { kind: 'nothing' } }
    this.#evidence.push(evidenceIn(this.#snapshot.context, gap, text.origin(offset, offset)))
  }
}

const ACTIONS = { accept: 'allow', reject: 'reject', drop: 'deny' } as const
const PLAIN: ReadonlySet<string> = new Set(['source', 'port', 'service', 'accept', 'reject', 'drop', 'log', 'audit', 'nflog'])

/** `port="8080-8090" protocol="tcp"`. */
function portOf({ attributes }: Element): { readonly ports: PortRange; readonly protocol: 'tcp' | 'udp' } | undefined {
  const [, first, last] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(attributes.get('port') ?? '') ?? []
  const protocol = attributes.get('protocol')
  const ports = { first: Number(first), last: Number(last ?? first) }
  const known = first !== undefined && ports.first <= ports.last && ports.last <= 65535
  return known && (protocol === 'tcp' || protocol === 'udp') ? { ports, protocol } : undefined
}
