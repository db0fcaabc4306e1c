import { formatPorts } from '../../policy/ports.ts'
import type { InboundRule, SecurityGroup } from './model.ts'

/** Families by the prefix that is all of one. */
const WHOLE: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0/0', 'ipv4'],
  ['::/0', 'ipv6'],
])

/**
 * The words of a rule's name: of what it says alone, so that another rule beside it does not rename it (Terraform and CloudFormation take a
 * thing of another name for another thing).
 */
export function ruleWords(rule: InboundRule, { name, rules }: SecurityGroup): readonly string[] {
  const { service, protocol, ports, source, from } = rule
  const isOneOfMany = rules.some(
    (other) =>
      other !== rule && other.service === service && other.source === source && other.protocol === protocol && other.ports === ports,
  )
  const which = from.kind === 'group' ? from.name : (WHOLE.get(from.text) ?? from.text)
  return [name, service, protocol, formatPorts(ports), 'from', source, ...(isOneOfMany ? [which] : [])]
}

/** Gives each thing a name of its own where two would have the same. */
export class Unique {
  readonly #taken = new Set<string>()
  readonly #separator: string

  /** What stands before the number that tells them apart. */
  constructor(separator: string) {
    this.#separator = separator
  }

  take(name: string): string {
    let free = name
    for (let count = 2; this.#taken.has(free); count++) free = `${name}${this.#separator}${count}`
    this.#taken.add(free)
    return free
  }
}
