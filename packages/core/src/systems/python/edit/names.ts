import type { BindChange } from '../../../evidence/index.ts'
import type { Draft } from '../../source-edit/draft.ts'
import { beginsLine, indentAt, lineEnd, newlineOf } from '../../source-edit/layout.ts'
import { isLoopback } from '../../source-edit/wanted.ts'
import { around, type Node } from '../../tree.ts'
import type { Module } from '../module.ts'
import { bare, literalText } from '../syntax.ts'
import { getenv, quoteOf } from './environment.ts'
import { correctMessages, messagesBefore } from './messages.ts'
import { statementAround } from './source.ts'

/** Names under which programs keep the address that they listen on. */
const KNOWN: readonly string[] = ['host', 'HOST', 'bind_host', 'BIND_HOST']

/** What a call is given from now on: names of variables. */
export interface Given {
  readonly host: string
  /** Where the port was a number written in the call. */
  readonly port?: string
}

/**
 * Variables for the host, and for a port that is written in the call itself, in front of the statement that binds; one that is there is used
 * again. `undefined`: no place or no name was found for them.
 */
export function variablesFor(change: BindChange, module: Module, call: Node, port: Node | undefined, draft: Draft): Given | undefined {
  const fallback = `${quoteOf(module)}${change.host}${quoteOf(module)}`
  const there = KNOWN.find((name) => isHost(module, name, call, change))
  const statement = outsideOfClasses(statementAround(call))
  if (statement === undefined) return undefined
  const host = there ?? free(module, call, isConstant(port) ? ['HOST', 'BIND_HOST'] : ['host', 'bind_host', 'listen_host'])
  if (host === undefined) return undefined
  // A port that the system chooses stays one.
  const isNumber = port?.kind === 'integer' && port.content !== '0' && port.parent?.kind === 'keyword_argument' && isOnlyPort(module)
  const portName = isNumber ? free(module, call, ['port', 'listen_port']) : undefined
  const lines: string[] = []
  if (there === undefined) {
    const read = getenv(module, call, change.variable, fallback, draft)
    if (read === undefined) return undefined
    lines.push(`${host} = ${read}`)
  }
  if (portName !== undefined && port !== undefined) {
    const read = getenv(module, call, 'PORT', port.content, draft)
    if (read !== undefined) lines.push(`${portName} = int(${read})`)
    draft.note(`PORT of the environment moves this port from now on; without it, it stays ${port.content}`)
  }
  const messages = messagesBefore(statement)
  const place = behindPort(module, port) ?? messages[0] ?? statement
  declare(lines, place, place !== statement && !messages.includes(place), draft)
  const given: Given = { host, ...(portName === undefined ? {} : { port: portName }) }
  correctMessages(statement, change, given, port, draft)
  return given
}

const BLOCKS: ReadonlySet<string> = new Set(['block', 'module'])

/** A name of a class is none for the functions in it (The Python Language Reference, 4.2.2). */
function outsideOfClasses(statement: Node | undefined): Node | undefined {
  const outer = statement?.parent?.parent
  return outer?.kind === 'class_definition' ? outsideOfClasses(statementAround(outer)) : statement
}

const isConstant = (port: Node | undefined): boolean => port?.kind === 'identifier' && /^[A-Z_]+$/.test(port.content)

/** Whether no other server of the file has its port written in its call: they could not share a variable. */
const isOnlyPort = ({ file: { content } }: Module): boolean => (content.match(/\bport\s*=\s*\d/g)?.length ?? 0) === 1

/** The first of some names that means nothing at a place. */
const free = (module: Module, at: Node, names: readonly string[]): string | undefined =>
  names.find((name) => module.lookup(name, at).length === 0)

/** A variable of the same block or of the module that holds a host which the environment may change. */
function isHost(module: Module, name: string, at: Node, { variable }: BindChange): boolean {
  const [definition, another] = module.lookup(name, at)
  if (definition?.kind !== 'assignment' || another !== undefined || definition.path.length > 0 || definition.node.start > at.start)
    return false
  // In one branch it is set, in another it is no name (The Python Language Reference, 4.2.2).
  const block = around(definition.node, BLOCKS)
  if (block !== undefined && !at.within(block)) return false
  const value = bare(definition.value)
  if (value.kind !== 'call' || !/^(?:os\.)?(?:getenv|environ\.get)$/.test(value.field('function')?.content ?? '')) return false
  const [key, fallback] = value.field('arguments')?.named ?? []
  const text = literalText(fallback)
  return literalText(key) === variable && text !== undefined && isLoopback(text)
}

/** The statement that gives the port its name, where it is a plain one of this file. */
function behindPort(module: Module, port: Node | undefined): Node | undefined {
  if (port?.kind !== 'identifier') return undefined
  const [definition, another] = module.lookup(port.content, port)
  if (definition?.kind !== 'assignment' || another !== undefined) return undefined
  const statement = statementAround(definition.node)
  return statement?.kind === 'expression_statement' ? statement : undefined
}

function declare(lines: readonly string[], place: Node, isBehind: boolean, draft: Draft): void {
  const { content } = place.file
  const newline = newlineOf(content)
  const indent = indentAt(content, place.start)
  if (lines.length === 0) return
  if (isBehind) draft.insert(place, lineEnd(content, place.end), lines.map((line) => `${newline}${indent}${line}`).join(''))
  else if (beginsLine(content, place.start)) draft.insert(place, place.start, lines.map((line) => `${line}${newline}${indent}`).join(''))
  // `if x: app.run()`: simple statements stand in one line (The Python Language Reference, 7).
  else draft.insert(place, place.start, lines.map((line) => `${line}; `).join(''))
}
