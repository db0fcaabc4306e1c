import { isLoopbackName } from '../../network/index.ts'
import type { Directive } from './parse.ts'
import { portNumber } from '../proxy-values.ts'

/**
 * What a variable that only a request decides can hold at most. `digits`; `label`: letters, digits, `-` and `_`; `name`: also dots;
 * `free`: also `:` and `/`, which end a host and begin a port or a path.
 */
export type Content = 'digits' | 'label' | 'name' | 'free'

const WIDTH: readonly Content[] = ['digits', 'label', 'name', 'free']
/** Private-use characters in the place of variables (Unicode 3.5). */
const MARKS: Readonly<Record<Content, string>> = { digits: '\uE000', label: '\uE001', name: '\uE002', free: '\uE003' }
const ANY_MARK = /[\uE000-\uE003]/

export function markOf(content: Content): string {
  return MARKS[content]
}

/** The groups of the regular expressions in one server: locations, names, conditions and rewrites. */
export class Captures {
  readonly #contents = new Map<string, Content>()

  /** Which regex ran last is not followed: the widest group of a number or name holds. */
  add(directive: Directive | undefined): void {
    for (const regex of regexesOf(directive)) {
      for (const [index, group] of groupsOf(regex).entries()) {
        const content = contentOf(group.text)
        // The numbers of a map's regex hold in that map only.
        for (const key of [isMapped(directive) ? undefined : String(index + 1), group.name])
          if (key !== undefined) this.#widen(key, content)
      }
    }
  }

  /** `undefined`: no group has this name. */
  contentOf(variable: string): Content | undefined {
    return this.#contents.get(variable)
  }

  #widen(key: string, content: Content): void {
    const known = this.#contents.get(key) ?? 'digits'
    this.#contents.set(key, wider(known, content))
  }
}

function wider(a: Content, b: Content): Content {
  return WIDTH.indexOf(a) > WIDTH.indexOf(b) ? a : b
}

function isMapped(directive: Directive | undefined): boolean {
  return directive?.name.startsWith('~') === true
}

function regexesOf(directive: Directive | undefined): readonly string[] {
  const words = directive?.words.map((word) => word.text) ?? []
  if (directive !== undefined && isMapped(directive)) return [directive.name]
  if (directive?.name === 'rewrite') return words.slice(0, 1)
  if (directive?.name === 'server_name') return words.filter((word) => word.startsWith('~'))
  if (directive?.name === 'if') return words.slice(words.findIndex((word) => /^!?~\*?$/.test(word)) + 1 || words.length)
  return directive?.name === 'location' ? words : []
}

interface Group {
  readonly name: string | undefined
  readonly text: string
}

/** The capturing groups in the order of their opening brackets (PCRE). */
function groupsOf(regex: string): readonly Group[] {
  const found: { readonly name: string | undefined; readonly start: number; end: number }[] = []
  const open: (number | undefined)[] = []
  for (let at = 0; at < regex.length; at++) {
    const character = regex[at]
    if (character === '\\') at++
    else if (character === '[') at = classEnd(regex, at)
    else if (character === ')') {
      const group = found[open.pop() ?? -1]
      if (group !== undefined) group.end = at
    } else if (character === '(') {
      const named = /^\(\?(?:P?<(?![=!])|')(\w+)[>']/.exec(regex.slice(at, at + 80))
      const captures = named !== null || !['?', '*'].includes(regex[at + 1] ?? '')
      open.push(captures ? found.length : undefined)
      if (captures) found.push({ name: named?.[1], start: at + (named?.[0].length ?? 1), end: regex.length })
    }
  }
  return found.map(({ name, start, end }) => ({ name, text: regex.slice(start, end) }))
}

/** The place of the `]`; a first one stands for itself. */
function classEnd(regex: string, start: number): number {
  let at = start + (regex[start + 1] === '^' ? 2 : 1)
  if (regex[at] === ']') at++
  for (; at < regex.length && regex[at] !== ']'; at++) if (regex[at] === '\\') at++
  return at
}

/** Pieces of a group in which nothing but these characters can match. What is no such piece makes it `free`. */
const PIECE = /\\[dw.-]|\[(?!\^)(?:\\[dw.-]|[\w.-])+\]|[\w-]|\(\?:|[()|]|[*+?]|\{\d*,?\d*\}/gy

function contentOf(group: string): Content {
  let content: Content = 'digits'
  PIECE.lastIndex = 0
  for (let end = 0; end < group.length; ) {
    const [piece] = PIECE.exec(group) ?? []
    if (piece === undefined) return 'free'
    end = PIECE.lastIndex
    content = wider(content, pieceContent(piece))
  }
  return content
}

function pieceContent(piece: string): Content {
  // A range in a class, `0-9`, has what stands between its ends; these are letters and digits, or reach further.
  const range = [...piece.matchAll(/(.)-(.)/g)].find(([whole]) => !/^(?:[0-9]-[0-9]|[a-z]-[a-z]|[A-Z]-[A-Z])$/.test(whole))
  if (piece.startsWith('[') && range !== undefined) return 'free'
  if (/^\{|^\(\?:$|^[()|*+?]$/.test(piece)) return 'digits'
  if (piece.includes('.')) return 'name'
  return /^(?:\\d|\d|\[(?:\\d|\d|0-9)+\])$/.test(piece) ? 'digits' : 'label'
}

interface Certain {
  readonly host?: string
  readonly port?: number
  readonly elsewhere?: true
}

/** What a target with marks in it is certain to be. `defaultPort`: by the scheme that is written. */
export function certainPart(text: string, defaultPort: (scheme: string | undefined) => number | undefined): Certain {
  const scheme = /^([a-z]+|[\uE000-\uE003]):\/\//i.exec(text)
  // Whichever socket file it is, no port is reached.
  if (text.startsWith('unix:', scheme?.[0].length ?? 0)) return { elsewhere: true }
  const [authority = ''] = /^[^/?]*/.exec(text.slice(scheme?.[0].length ?? 0)) ?? []
  const [, bracketed = '', behind] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(authority) ?? []
  const host = bracketed.replace(/^\[(.*)\]$/, '$1')
  // Whoever chooses it may write the port along with it.
  if (host.includes(MARKS.free) || authority === '' || authority.includes('$')) return {}
  const port = behind === undefined ? defaultPort(scheme?.[1]?.toLowerCase()) : portNumber(behind)
  const at = port === undefined ? {} : { port }
  if (!ANY_MARK.test(host)) return { ...at, host }
  return namesElsewhere(host) ? { ...at, elsewhere: true } : at
}

/** A name in a domain that the file gives, or with a part that no address has. */
function namesElsewhere(host: string): boolean {
  const domain = /\.[a-z0-9-]*[a-z][a-z0-9-]*\.?$/i.exec(host)?.[0]
  if (domain !== undefined) return !isLoopbackName(`x${domain}`)
  return !host.includes(MARKS.name) && (/[a-z]/i.test(host) || !host.includes(MARKS.label))
}
