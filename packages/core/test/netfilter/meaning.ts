import type { Condition, Expression, Ruleset, TableFamily } from '../../src/evidence/index.ts'
import { action, condition } from './words.ts'

/**
 * What rulesets mean, so that those which two readers made of the same rules can be compared: conditions in any order, each once, without
 * those that hold for every packet of the table; without the words in which something is not understood, rejected or has no effect, and
 * without the devices of chains, which nft 1.0.6 does not tell.
 */
export function meaning(ruleset: Ruleset): readonly string[] {
  const tables = ruleset.tables.flatMap(({ family, name, dormant, chains }) => [
    `table ${family} ${name}${dormant ? ' dormant' : ''}`,
    ...[...chains.values()].flatMap(({ name: chain, base, rules }) => [
      `chain ${chain}${base === undefined ? '' : ` ${base.type} ${base.hook} ${base.priority} ${base.policy}`}`,
      ...rules.map(({ expressions }) => `  ${ruleMeaning(expressions, family).join(' ; ')}`),
    ]),
  ])
  return [...tables, ...ruleset.unread.map(({ reason }) => `unread: ${reason}`)]
}

/** What the kernel forgets of the form of a rule (nft/statements.ts). */
const FORGOTTEN = /\?reject with tcp reset, of which nft does not tell the family/

function ruleMeaning(expressions: readonly Expression[], family: TableFamily): readonly string[] {
  const parts: string[] = []
  /** Of what no action changes, each is worth saying once: nft leaves out what the rest of the rule asks anyway. */
  const said = new Set<string>()
  let asked: string[] = []
  const forgets = expressions.some((each) => each.kind === 'reject' && each.with === 'tcp reset')
  const flush = (): void => {
    const left = together(asked).filter((each) => !said.has(each) && !(forgets && FAMILY.test(each)))
    for (const each of left) if (LASTING.test(each)) said.add(each)
    if (left.length > 0) parts.push(left.toSorted().join(' & '))
    asked = []
  }
  for (const expression of expressions) {
    if (expression.kind === 'match') asked.push(...conjuncts(expression.when, family))
    else if (expression.kind === 'branch') {
      const branches = expression.branches.map(({ when, then }) => ({ when: conjuncts(when, family), then }))
      const [first] = branches
      const common = first?.when.filter((each) => LASTING.test(each) && branches.every(({ when }) => when.includes(each))) ?? []
      asked.push(...common)
      flush()
      const each = branches.map(({ when, then }) => {
        const own = when.filter((one) => !common.includes(one)).toSorted()
        return `${own.join(' & ')} → ${then.map((one) => actionMeaning(action(one), one.kind)).join()}`
      })
      parts.push(`[${each.toSorted().join(' | ')}]`)
    } else if (expression.kind !== 'no-effect') {
      flush()
      parts.push(actionMeaning(action(expression), expression.kind))
    }
  }
  flush()
  return parts
}

const IMPLIED: Readonly<Record<string, string>> = { 'protocol {1}': 'v4', 'protocol {2}': 'v4', 'protocol {58}': 'v6' }

const FAMILY = /^(?:v[46]|!\(v[46]\))$/
const LASTING = /^(?:v[46]|protocol \{[0-9 ]+\})$/

function actionMeaning(words: string, kind: string): string {
  return kind === 'reject' || kind === 'unknown' || kind === 'queue' || kind === 'rewrite' ? kind : words
}

function conjuncts(when: Condition, family: TableFamily): readonly string[] {
  if (when.kind === 'all') return together(when.of.flatMap((each) => conjuncts(each, family)))
  const words = inAnyOrder(when, family)
  const always = family === 'ip' ? 'v4' : family === 'ip6' ? 'v6' : undefined
  return words === always || FORGOTTEN.test(words) ? [] : [words]
}

/** Each once. Control messages are of one family alone, which nft leaves out. */
function together(all: readonly string[]): readonly string[] {
  const parts = [...new Set(all)]
  const implied = parts.flatMap((part) => IMPLIED[part] ?? [])
  return parts.filter((part) => !implied.includes(part))
}

function inAnyOrder(one: Condition, family: TableFamily): string {
  if (one.kind === 'any')
    return one.of
      .map((part) => `(${inAnyOrder(part, family)})`)
      .toSorted()
      .join(' | ')
  if (one.kind === 'all') return conjuncts(one, family).toSorted().join(' & ')
  if (one.kind === 'not') return `!(${inAnyOrder(one.of, family)})`
  if (one.kind === 'device') return condition({ ...one, names: one.names.toSorted((a, b) => (a.name < b.name ? -1 : 1)) })
  // A circumstance, or what is not understood, whatever it is called.
  if (one.kind === 'unknown') return FORGOTTEN.test(condition(one)) ? condition(one) : '?'
  return one.kind === 'circumstance' ? (one.plain ? '~~' : '~') : condition(one)
}
