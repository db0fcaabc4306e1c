import { type Action, type Condition, type Expression, type Match, show, type Shown } from '../../../evidence/index.ts'
import { numberSet } from '../../../network/index.ts'
import { entries, field, items, type Json, textField } from '../../json.ts'
import { all, ALWAYS, isAlways, match, opaque, opaqueAction } from '../conditions.ts'
import { withExpected } from '../expected.ts'
import { readMangle } from './mangle.ts'
import { strangeKey } from './keys.ts'
import { type NftObjects, readMapping, readMatch } from './match.ts'
import { printStatement } from './print.ts'
import { readTranslation } from './translation.ts'

/** What a rule asks and does, statement by statement. `lossy`: of a table of both families, as the kernel gives it back. */
export function readRule(statements: readonly Json[], lossy: boolean, objects: NftObjects): readonly Expression[] {
  let expressions: readonly Expression[] = []
  for (const statement of statements) {
    const lost = lossy && textField(field(statement, 'reject'), 'type') === 'tcp reset' && !expressions.some(asksFamily)
    expressions = [...expressions, ...(lost ? [FAMILY_LOST] : []), ...readStatement(statement, objects)]
  }
  return objects.expects ? withExpected(expressions) : expressions
}

/**
 * nft 1.0.6 prints `meta nfproto ipv6 tcp dport 25 reject with tcp reset` of an inet table without its first match. Which family a rule of
 * this form was written for, its output does not tell.
 */
const FAMILY_LOST: Match = match(opaque('reject with tcp reset, of which nft does not tell the family'))

function asksFamily(expression: Expression): boolean {
  return expression.kind === 'match' && hasFamily(expression.when)
}

function hasFamily(condition: Condition): boolean {
  return condition.kind === 'family' || (condition.kind === 'all' && condition.of.some(hasFamily))
}

/** What one statement of a rule asks or does. */
function readStatement(statement: Json, objects: NftObjects): readonly Expression[] {
  const [first, another] = entries(statement)
  const [name, body] = first ?? ['', null]
  if (another !== undefined) return [opaqueAction(printStatement(statement))]
  const asked = readQuestion(name, body, statement, objects)
  if (asked !== undefined) return isAlways(asked) ? [] : [match(asked)]
  return readVerdict(statement) ?? readAction(name, body, statement, objects) ?? [opaqueAction(printStatement(statement))]
}

/** Statements that may end the rule. `undefined`: not one of them. */
function readQuestion(name: string, body: Json, statement: Json, objects: NftObjects): Condition | undefined {
  switch (name) {
    case 'match':
      return readMatch(body, objects)
    case 'limit':
    case 'quota':
    case 'ct count': {
      const over = typeof body === 'string' ? objects.limits.get(body) : field(body, 'inv') === true
      if (over === undefined || field(body, 'map') !== undefined) return opaque(printStatement(statement))
      return { kind: 'circumstance', plain: !over, text: show(printStatement(statement)) }
    }
    case 'meter':
      return nested([field(body, 'stmt') ?? null], objects)
    case 'set':
      return all(hasRoom(body, statement, objects), nested(items(field(body, 'stmt')), objects))
    case 'xt':
      if (textField(body, 'type') !== 'match') return undefined
      return textField(body, 'name') === 'comment' ? ALWAYS : opaque(printStatement(statement))
    default:
      return undefined
  }
}

/** A rule that adds to a set ends there for whom it has no room, whoever filled it (nft_dynset_eval in nft_dynset.c). */
function hasRoom(body: Json, statement: Json, { sets }: NftObjects): Condition {
  if (textField(body, 'op') === 'delete') return ALWAYS
  const set = sets.get(textField(body, 'set')?.slice(1) ?? '')
  const text = `room in the set: ${printStatement(statement)}`
  return set?.full === true ? opaque(text) : { kind: 'circumstance', plain: true, text: show(text) }
}

/** What is counted for each element of a set apart. */
function nested(statements: readonly Json[], objects: NftObjects): Condition {
  return all(
    ...statements.map((statement) => {
      const [name, body] = entries(statement)[0] ?? ['', null]
      return name === 'counter' ? ALWAYS : (readQuestion(name, body, statement, objects) ?? opaque(printStatement(statement)))
    }),
  )
}

/** A verdict, in a rule or in a map. `undefined`: not one. */
function readVerdict(statement: Json): readonly Action[] | undefined {
  const [name, body] = entries(statement)[0] ?? ['', null]
  switch (name) {
    case 'accept':
    case 'drop':
    case 'return':
      return body === null ? [{ kind: name }] : undefined
    case 'continue':
      return body === null ? [] : undefined
    case 'jump':
    case 'goto': {
      const chain = textField(body, 'target')
      return chain === undefined || strangeKey(name, body) !== undefined ? undefined : [{ kind: name, chain }]
    }
    case 'queue':
      return [{ kind: 'queue', text: show(printStatement(statement)) }]
    default:
      return undefined
  }
}

/** Statements that let the packet go on unchanged in everything that conditions ask. */
const NO_EFFECT: ReadonlySet<string> = new Set([
  'counter',
  'log',
  'flow',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'secmark',
  'dup',
  'last',
  'reset',
])

/** Targets of iptables, which nft prints by name only, whose options do not matter to reach. */
const XT_TARGETS: Readonly<Record<string, Action>> = {
  ...Object.fromEntries(
    ['LOG', 'NFLOG', 'CHECKSUM', 'TCPMSS', 'TRACE', 'CLASSIFY', 'TOS', 'DSCP', 'TTL', 'HL'].map((name) => [
      name,
      { kind: 'no-effect', text: show(`xt target ${name}`) } as const,
    ]),
  ),
  MASQUERADE: { kind: 'masquerade' },
  SNAT: { kind: 'snat', to: {} },
  REJECT: { kind: 'reject', with: show('xt target REJECT') },
  TPROXY: { kind: 'tproxy' },
}

function readAction(name: string, body: Json, statement: Json, objects: NftObjects): readonly Expression[] | undefined {
  if (NO_EFFECT.has(name)) return [{ kind: 'no-effect', text: show(printStatement(statement)) }]
  switch (name) {
    case 'notrack':
      return [{ kind: 'notrack' }]
    case 'reject':
      return [...rejectRequires(body), { kind: 'reject', with: rejection(body) }]
    case 'vmap':
      return readVmap(body, objects)
    case 'mangle':
      return readMangle(body, objects)
    case 'dnat':
    case 'snat':
    case 'redirect':
    case 'masquerade':
    case 'tproxy':
      return readTranslation(name, body, objects)
    case 'xt': {
      const target = textField(body, 'name') ?? ''
      return Object.hasOwn(XT_TARGETS, target) ? [XT_TARGETS[target] as Action] : undefined
    }
    default:
      return undefined
  }
}

/** What an answer presupposes. nft leaves out the match that says so wherever it can, and refuses a rule without. */
const REJECT_REQUIRES: Readonly<Record<string, Condition>> = {
  icmp: { kind: 'family', families: [4] },
  icmpv6: { kind: 'family', families: [6] },
  'tcp reset': { kind: 'protocol', protocols: numberSet(6) },
}

function rejectRequires(body: Json): readonly Expression[] {
  const type = textField(body, 'type') ?? ''
  return Object.hasOwn(REJECT_REQUIRES, type) ? [match(REJECT_REQUIRES[type] as Condition)] : []
}

function rejection(body: Json): Shown {
  return show(
    [textField(body, 'type') ?? 'icmpx', textField(body, 'expr') ?? (textField(body, 'type') === undefined ? 'port-unreachable' : '')]
      .join(' ')
      .trim(),
  )
}

function readVmap(body: Json, objects: NftObjects): readonly Expression[] | undefined {
  const mapping = readMapping(field(body, 'key'), field(body, 'data'), objects)
  if (mapping === undefined) return undefined
  return [
    {
      kind: 'branch',
      branches: mapping.map(({ when, value }) => ({ when, then: readVerdict(value) ?? [opaqueAction(printStatement(value))] })),
    },
  ]
}
