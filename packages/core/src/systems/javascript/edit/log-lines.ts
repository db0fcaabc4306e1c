import type { Draft } from '../../source-edit/draft.ts'
import { around, type Node } from '../../tree.ts'
import { argumentsOf, calleeOf, FUNCTIONS } from '../source/syntax.ts'
import { statementAround } from './constant.ts'

/** What a message is written with: `console.log`, `logger.info`, `process.stdout.write`, `debug`. */
const WRITES = /(?:^|\.)(?:log|info|warn|debug|notice|verbose|trace|success|ready|start|print|write)$/

/** What stands before an address in a message, by the framework that listens; others speak HTTP. */
const SCHEMES: Readonly<Record<string, string>> = {
  'node:https': 'https://',
  ws: 'ws://',
  'node:net': '',
  'node:tls': '',
  'node:dgram': '',
  'node:dgram:udp6': '',
}

const EVERYWHERE = String.raw`(?:localhost|0\.0\.0\.0|127\.0\.0\.1|\[::1?\])`

/**
 * Messages that say where a server listens, made to say the address that it really has: `Server running on port ${PORT}`. Those of the call
 * itself are meant, and of the statements behind it.
 */
export function correctMessages(call: Node, framework: string, host: string, port: Node | undefined, draft: Draft): void {
  const scheme = SCHEMES[framework] ?? 'http://'
  for (const message of messagesOf(call)) {
    if (message.kind === 'template_string') {
      const text = inTemplate(message.content, scheme, host, port?.content)
      if (text !== message.content) draft.replace(message, text)
    } else inString(message, scheme, host, port, draft)
  }
}

/** The texts that are written when a call has listened. */
function messagesOf(call: Node): readonly Node[] {
  const callbacks = argumentsOf(call).filter((argument) => FUNCTIONS.has(argument.kind))
  if (callbacks.length > 0) return callbacks.flatMap((callback) => textsIn(callback))
  const statement = statementAround(call)
  const siblings = statement?.parent?.named ?? []
  const behind = statement === undefined ? [] : siblings.slice(siblings.indexOf(statement), siblings.indexOf(statement) + 4)
  return behind.flatMap((sibling) => textsIn(sibling))
}

const TEXTS: ReadonlySet<string> = new Set(['string', 'template_string'])

/** How many nodes are looked at for messages: a callback may be a whole program. */
const MOST = 2_000

function textsIn(root: Node): readonly Node[] {
  const found: Node[] = []
  const open = [root]
  for (let left = MOST; left > 0; left--) {
    const node = open.pop()
    if (node === undefined) break
    if (TEXTS.has(node.kind) && isWritten(node)) found.push(node)
    else open.push(...node.named)
  }
  return found
}

const CALLS: ReadonlySet<string> = new Set(['call_expression'])

/** Whether a text is an argument of what writes messages, alone or put together with others. */
function isWritten(text: Node): boolean {
  let call = around(text, CALLS)
  // `'… port '.concat(PORT)`, as compilers write templates for old targets.
  while (call !== undefined && /\.concat$/.test(calleeOf(call)?.content ?? '')) call = around(call, CALLS)
  return call !== undefined && WRITES.test(calleeOf(call)?.content ?? '')
}

/** The words that say a port where a whole address can stand. */
const ON_PORT = String.raw`\b(on|at)( the)? port:? ?`

function inTemplate(content: string, scheme: string, host: string, port: string | undefined): string {
  const address = `\${${host}}`
  let text = content.replace(new RegExp(`(://)${EVERYWHERE}(?=:)`, 'g'), (_, before: string) => before + address)
  text = text.replace(/\b0\.0\.0\.0\b/g, () => address)
  if (port === undefined || text.includes(address)) return text
  const said = /^\d+$/.test(port) ? port : String.raw`\$\{\s*${escaped(port)}\s*\}`
  return text.replace(new RegExp(`${ON_PORT}(?=${said}(?!\\d))`, 'gi'), (_, word: string) => `${word} ${scheme}${address}:`)
}

function inString(message: Node, scheme: string, host: string, port: Node | undefined, draft: Draft): void {
  const quote = message.content.charAt(0)
  const inner = message.content.slice(1, -1)
  const put = (text: string): void => draft.replace(message, text)
  // `'Server running on port 3000'`: the address goes between two parts.
  const number = port?.kind === 'number' ? port.content : undefined
  const address = new RegExp(`^(.*://)${EVERYWHERE}(:.*)$`).exec(inner) ?? /^(.*)\b0\.0\.0\.0\b(.*)$/.exec(inner)
  const after = number === undefined ? null : new RegExp(`^(.*)${ON_PORT}(${number}(?!\\d).*)$`, 'i').exec(inner)
  const open = new RegExp(`^(.*)${ON_PORT}$`, 'i').exec(inner)
  const isTemplate = !inner.includes('`') && !inner.includes('${') && /`|=>/.test(message.file.content)
  const parts = (before: string, behind: string): string =>
    isTemplate ? `\`${before}\${${host}}${behind}\`` : `${quote}${before}${quote} + ${host} + ${quote}${behind}${quote}`
  if (address !== null) {
    const [, before = '', behind = ''] = address
    if (isConcatenated(message)) put(`${quote}${before}${quote}.concat(${host}, ${quote}${behind}${quote})`)
    else put(behind === '' && !isTemplate ? `${quote}${before}${quote} + ${host}` : parts(before, behind))
  } else if (after !== null) {
    const [, before = '', word = '', , behind = ''] = after
    put(parts(`${before}${word} ${scheme}`, `:${behind}`))
  } else if (open !== null && isFollowedBy(message, port)) {
    const [, before = '', word = ''] = open
    const head = `${quote}${before}${word} ${scheme}${quote}`
    put(isConcatenated(message) ? `${head}.concat(${host}, ${quote}:${quote})` : `${head} + ${host} + ${quote}:${quote}`)
  }
}

/** `'…'.concat(PORT)`. */
const isConcatenated = (message: Node): boolean =>
  message.parent?.kind === 'member_expression' && message.parent.field('property')?.content === 'concat'

/** `'…' + PORT`, `'…'.concat(PORT)`. */
function isFollowedBy(message: Node, port: Node | undefined): boolean {
  const { parent } = message
  if (port === undefined || parent === undefined) return false
  if (isConcatenated(message)) return parent.parent !== undefined && argumentsOf(parent.parent)[0]?.content === port.content
  if (parent.kind !== 'binary_expression' || parent.field('operator')?.content !== '+') return false
  const next = parent.field('left') === message ? parent.field('right') : parent.parent?.field('right')
  return next?.content === port.content
}

const escaped = (text: string): string => text.replace(/[^\w]/g, String.raw`\$&`)
