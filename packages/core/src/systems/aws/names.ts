import { formatPorts } from '../../policy/ports.ts'
import type { InboundRule } from './model.ts'

/** Prefixes that are a family. */
const WHOLE: ReadonlyMap<string, string> = new Map([
  ['0.0.0.0/0', 'ipv4'],
  ['::/0', 'ipv6'],
])

/**
 * The words of a rule's name: what it is for, and not what it lets in, as far as that can change. To Terraform and CloudFormation a thing of
 * another name is another thing: a changed address is to change the rule, and one more is to leave the others alone.
 */
export function ruleWords({ service, protocol, ports, source, from, isFirst }: InboundRule, group: string): readonly string[] {
  const which = from.kind === 'group' ? from.name : (WHOLE.get(from.text) ?? from.text)
  const isBare = isFirst && !(from.kind === 'prefix' && WHOLE.has(from.text))
  return [group, service, protocol, formatPorts(ports), 'from', source, ...(isBare ? [] : [which])]
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
