import { hostBeforePort } from '../../../network/index.ts'
import { entries, field, items, type Json, numberField, textField } from '../../json.ts'

/** A rule of `nft -j` in the words in which nft itself prints it. What is not in these tables stands as its JSON. */
export function printRule(expressions: readonly Json[], comment: string | undefined): string {
  const words = expressions.map(printStatement).filter((text) => text !== '')
  return [...words, ...(comment === undefined ? [] : [`comment "${comment}"`])].join(' ')
}

/** Statements that are one word, with or without an argument that does not matter to a reader. */
const BARE: ReadonlySet<string> = new Set(['accept', 'drop', 'return', 'continue', 'notrack'])

export function printStatement(statement: Json): string {
  const [name, body] = entries(statement)[0] ?? ['', null]
  if (BARE.has(name)) return name
  const printer = STATEMENTS[name]
  return printer === undefined || !Object.hasOwn(STATEMENTS, name) ? JSON.stringify(statement) : printer(body)
}

const STATEMENTS: Readonly<Record<string, (body: Json) => string>> = {
  match: printMatch,
  jump: (body) => `jump ${textField(body, 'target') ?? '?'}`,
  goto: (body) => `goto ${textField(body, 'target') ?? '?'}`,
  counter: (body) => (typeof body === 'string' ? `counter name "${body}"` : 'counter'),
  log: (body) => {
    const options = entries(body).map(([key, value]) => (key === 'prefix' ? `prefix "${String(value)}"` : `${key} ${String(value)}`))
    return ['log', ...options].join(' ')
  },
  limit: printLimit,
  quota: (body) => {
    if (typeof body === 'string') return `quota name "${body}"`
    return `quota ${field(body, 'inv') === true ? 'over ' : ''}${numberField(body, 'val') ?? '?'} ${textField(body, 'val_unit') ?? 'bytes'}`
  },
  'ct count': (body) => `ct count ${field(body, 'inv') === true ? 'over ' : ''}${numberField(body, 'val') ?? '?'}`,
  reject: (body) => {
    const [type, expr] = [textField(body, 'type'), textField(body, 'expr')]
    // What `reject` alone means.
    if (type === undefined || (type === 'icmpx' && expr === 'port-unreachable')) return 'reject'
    return `reject with ${type}${expr === undefined ? '' : ` ${expr}`}`
  },
  vmap: (body) => `${printExpression(field(body, 'key'))} vmap ${printExpression(field(body, 'data'))}`,
  mangle: (body) => {
    const value = field(body, 'value')
    return `${printExpression(field(body, 'key'))} set ${isMark(field(body, 'key')) ? printHex(value) : printExpression(value)}`
  },
  dnat: (body) => printTranslation('dnat', body),
  snat: (body) => printTranslation('snat', body),
  masquerade: (body) => printTranslation('masquerade', body),
  redirect: (body) => printTranslation('redirect', body),
  tproxy: (body) => printTranslation('tproxy', body),
  set: (body) => {
    const statements = items(field(body, 'stmt')).map(printStatement)
    return `${textField(body, 'op') ?? 'add'} ${textField(body, 'set') ?? '?'} { ${[printExpression(field(body, 'elem')), ...statements].join(' ')} }`
  },
  meter: (body) =>
    `meter ${textField(body, 'name') ?? '?'} size ${numberField(body, 'size') ?? '?'} { ${printExpression(field(body, 'key'))} ${printStatement(field(body, 'stmt') ?? null)} }`,
  unread: (body) => String(body),
  xt: (body) => `xt ${textField(body, 'type') ?? ''} ${textField(body, 'name') ?? ''}`,
  flow: (body) => `flow ${textField(body, 'op') ?? 'add'} ${textField(body, 'flowtable') ?? '?'}`,
  synproxy: (body) => ['synproxy', ...entries(body).map(([key, value]) => `${key} ${String(value)}`)].join(' '),
  queue: (body) => {
    const number = field(body, 'num')
    return `queue${number === undefined ? '' : ` num ${printExpression(number)}`}${printFlags(field(body, 'flags'))}`
  },
}

function printLimit(body: Json): string {
  if (typeof body === 'string') return `limit name "${body}"`
  const burst = numberField(body, 'burst')
  // Bursts that nft leaves out: its own default, and 0 of a rate of bytes.
  const said = burst === undefined || burst === 5 || burst === 0 ? '' : ` burst ${burst} ${textField(body, 'burst_unit') ?? 'packets'}`
  const unit = textField(body, 'rate_unit')
  const rate = `${numberField(body, 'rate') ?? '?'}${unit === undefined || unit === 'packets' ? '' : ` ${unit}`}/${textField(body, 'per') ?? '?'}`
  return `limit rate ${field(body, 'inv') === true ? 'over ' : ''}${rate}${said}`
}

function printTranslation(name: string, body: Json): string {
  const family = textField(body, 'family')
  const prefix = field(body, 'type_flags') === 'prefix' ? ' prefix' : ''
  const address = field(body, 'addr')
  const port = field(body, 'port')
  if (address === undefined && port === undefined) return `${name}${printFlags(field(body, 'flags'))}`
  const addressText = address === undefined ? '' : printExpression(address)
  const bracketed = port === undefined ? addressText : hostBeforePort(addressText)
  const to = `${bracketed}${port === undefined ? '' : `:${printExpression(port)}`}`
  return `${name}${family === undefined ? '' : ` ${family}`}${prefix} to ${to}${prefix === '' ? printFlags(field(body, 'flags')) : ''}`
}

function printFlags(flags: Json | undefined): string {
  const words = typeof flags === 'string' ? [flags] : items(flags).map(String)
  return words.length === 0 ? '' : ` ${words.join(',')}`
}

function printMatch(body: Json): string {
  const op = textField(body, 'op') ?? '?'
  const left = field(body, 'left')
  const right = field(body, 'right')
  // Whether something is there is a word of its own.
  if (typeof right === 'boolean') return `${printExpression(left)} ${(op === '==') === right ? 'exists' : 'missing'}`
  const masked = field(left, '&')
  const masks = items(masked)
  if (isFlags(masks[0])) return `${printExpression(masks[0])}${op === '==' ? '' : ` ${op}`} ${printList(right)} / ${printList(masks[1])}`
  const plain = op === 'in' || (op === '==' && masked === undefined && !(isBits(left) && typeof right === 'string'))
  const value = isMark(left) ? printHex(right) : Array.isArray(right) ? printList(right) : printExpression(right)
  return `${isMark(left) ? printHex(left) : printExpression(left)}${plain ? '' : ` ${op}`} ${quotes(left) ? quoted(right, value) : value}`
}

function isFlags(expression: Json | undefined): boolean {
  return textField(field(expression, 'payload'), 'field') === 'flags'
}

/** nft prints marks in hexadecimal. */
function isMark(expression: Json | undefined): boolean {
  const inner = ['&', '|', '^'].map((operator) => items(field(expression, operator))[0]).find((found) => found !== undefined) ?? expression
  return textField(field(inner, 'meta'), 'key') === 'mark' || textField(field(inner, 'ct'), 'key') === 'mark'
}

/** The same expression with its numbers as eight hexadecimal digits. */
function printHex(expression: Json | undefined): string {
  return printExpression(hexadecimal(expression))
}

function hexadecimal(expression: Json | undefined): Json {
  if (typeof expression === 'number') return `0x${expression.toString(16).padStart(8, '0')}`
  if (Array.isArray(expression)) return expression.map(hexadecimal)
  if (typeof expression !== 'object' || expression === null) return expression ?? null
  return Object.fromEntries(entries(expression).map(([key, value]) => [key, key === 'len' ? value : hexadecimal(value)]))
}

/** Fields whose `==` is told from asking for one bit. */
function isBits(expression: Json | undefined): boolean {
  return isFlags(expression) || ['state', 'status'].includes(textField(field(expression, 'ct'), 'key') ?? '')
}

function quotes(left: Json | undefined): boolean {
  return ['iif', 'oif', 'iifname', 'oifname'].includes(textField(field(left, 'meta'), 'key') ?? '')
}

function quoted(right: Json | undefined, text: string): string {
  if (typeof right === 'string') return right.startsWith('@') ? right : `"${right}"`
  const members = items(field(right, 'set'))
  return members.length === 0
    ? text
    : `{ ${members.map((member) => (typeof member === 'string' ? `"${member}"` : printExpression(member))).join(', ')} }`
}

function printList(value: Json | undefined): string {
  return Array.isArray(value) ? value.map(printExpression).join(',') : printExpression(value)
}

const META_ALONE: ReadonlySet<string> = new Set(['iif', 'oif', 'iifname', 'oifname', 'iifgroup', 'oifgroup'])

export function printExpression(expression: Json | undefined): string {
  if (expression === undefined || expression === null) return '?'
  if (typeof expression !== 'object') return String(expression)
  if (Array.isArray(expression)) return printList(expression)
  const [name, body = null] = entries(expression)[0] ?? ['', null]
  switch (name) {
    case 'payload':
      return field(body, 'base') === undefined
        ? `${textField(body, 'protocol') ?? '?'} ${textField(body, 'field') ?? '?'}`
        : `@${textField(body, 'base') ?? '?'},${numberField(body, 'offset') ?? '?'},${numberField(body, 'len') ?? '?'}`
    case 'meta': {
      const key = textField(body, 'key') ?? '?'
      return META_ALONE.has(key) ? key : `meta ${key}`
    }
    case 'ct': {
      const direction = textField(body, 'dir')
      return `ct ${direction === undefined ? '' : `${direction} `}${textField(body, 'key') ?? '?'}`
    }
    case 'fib':
      return `fib ${fibFlags(field(body, 'flags'))} ${textField(body, 'result') ?? '?'}`
    case 'numgen':
      return `numgen ${textField(body, 'mode') ?? '?'} mod ${numberField(body, 'mod') ?? '?'}`
    case 'jhash':
      return `jhash ${printExpression(field(body, 'expr'))} mod ${numberField(body, 'mod') ?? '?'}`
    case 'prefix':
      return `${printExpression(field(body, 'addr'))}/${numberField(body, 'len') ?? '?'}`
    case 'range':
      return items(body).map(printExpression).join('-')
    case 'concat':
      return items(body).map(printExpression).join(' . ')
    case 'set':
      return `{ ${(Array.isArray(body) ? items(body) : [body]).map(printElement).join(', ')} }`
    case 'map':
      return `${printExpression(field(body, 'key'))} map ${printExpression(field(body, 'data'))}`
    case 'elem': {
      const comment = textField(body, 'comment')
      const timeout = numberField(body, 'timeout')
      return `${printExpression(field(body, 'val'))}${timeout === undefined ? '' : ` timeout ${timeout}s`}${comment === undefined ? '' : ` comment "${comment}"`}`
    }
    case 'exthdr': {
      const part = textField(body, 'field')
      return part === undefined ? `exthdr ${textField(body, 'name') ?? '?'}` : `${textField(body, 'name') ?? '?'} ${part}`
    }
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      return items(body).map(printExpression).join(` ${name} `)
    default:
      return printOther(expression, name, body)
  }
}

/** An element of a set, or a key and its value in a map. */
function printElement(element: Json): string {
  if (!Array.isArray(element) || element.length !== 2) return printExpression(element)
  const value = element[1] as Json
  const verdict = printStatement(value)
  return `${printExpression(element[0])} : ${verdict.startsWith('{') || typeof value !== 'object' ? printExpression(value) : verdict}`
}

/** nft prints these flags in its own order. */
function fibFlags(flags: Json | undefined): string {
  const words = typeof flags === 'string' ? [flags] : items(flags).map(String)
  return ['saddr', 'daddr', 'mark', 'iif', 'oif'].filter((word) => words.includes(word)).join(' . ')
}

function printOther(expression: Json, name: string, body: Json): string {
  const words = entries(body).map(([, value]) => (typeof value === 'object' ? '' : String(value)))
  return words.length === 0 || words.includes('') ? JSON.stringify(expression) : `${name} ${words.join(' ')}`
}
