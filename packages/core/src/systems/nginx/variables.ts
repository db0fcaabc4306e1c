import { originOf, type Directive } from './parse.ts'
import type { Scope } from './scope.ts'
import { type Placed, variablesIn } from './values.ts'

/** What a text with variables can become: a text without any, or something that only a request decides. */
export type Expansion =
  | { readonly kind: 'text'; readonly placed: Placed }
  | { readonly kind: 'unknown'; readonly reason: string; readonly clientChosen: boolean }

/** More possible values of one text are not told apart, and no more steps are taken to find them. */
export const MOST_CHOICES = 256

/** Variables put in, over all texts of one level and the servers in it. */
const MOST_STEPS = 100_000

const LONGEST_TEXT = 8192

/** Variables whose content the sender of a request chooses. */
const CLIENT =
  /^(?:\d|args|query_string|uri|document_uri|request_uri|request|request_body|host|http_\w+|arg_\w+|cookie_\w+|is_args|content_\w+|remote_user|ssl_server_name|ssl_preread_\w+|proxy_protocol_\w+|request_method|request_filename)$/

/** Variables that nginx sets by itself and that no client chooses. */
const OWN =
  /^(?:server_\w+|hostname|nginx_version|pid|scheme|https|remote_addr|remote_port|binary_remote_addr|upstream_\w+|proxy_\w+|msec|time_\w+|connection\w*|document_root|realpath_root|ssl_\w+|status|pipe|protocol)$/

interface Given {
  readonly directive: Directive
  readonly text: string
}

/** What nginx itself gives a few values only. */
const FEW: ReadonlyMap<string, readonly string[]> = new Map([['scheme', ['http', 'https']]])

/** The variables that the configuration itself gives values: `map`, `geo`, `split_clients` of one level, and `set` within one server. */
export class Variables {
  /** Each value of a name is possible. Their origins are made when one is asked for: a `map` may have thousands. */
  readonly #values = new Map<string, Given[]>()
  readonly #outer: Variables | undefined
  readonly #budget: { steps: number }

  constructor(level: Scope, outer?: Variables) {
    this.#outer = outer
    this.#budget = outer === undefined ? { steps: MOST_STEPS } : outer.#budget
    for (const block of level.own('map', 'geo', 'split_clients')) {
      const name = block.words.at(-1)?.text.replace(/^\$/, '')
      if (name !== undefined) for (const value of choices(block)) this.#add(name, value)
    }
    // Wherever in the server a `set` stands, it may have run before: the order in which nginx runs them is not followed.
    if (level.kind === 'server') this.#sets(level.directives)
  }

  /** Everything that a text can become; at least one, at most `MOST_CHOICES` and an unknown. */
  expand(placed: Placed): readonly Expansion[] {
    const open = [placed]
    const found: Expansion[] = []
    for (let step = 0; step < MOST_CHOICES; step++) {
      const next = open.pop()
      if (next === undefined) return found
      const name = variablesIn(next)[0]
      if (name === undefined) found.push({ kind: 'text', placed: next })
      else if (next.text.length > LONGEST_TEXT || this.#budget.steps-- <= 0) break
      else {
        const values = this.#valuesOf(name, next)
        if (values === undefined) found.push(unknown(name))
        else for (const value of values.toReversed()) open.push(substitute(next, name, value))
      }
    }
    return [...found, { kind: 'unknown', reason: 'it has too many possible values', clientChosen: false }]
  }

  #valuesOf(name: string, place: Placed): readonly Placed[] | undefined {
    const given = this.#given(name)
    if (given.length === 0) return FEW.get(name)?.map((text) => ({ ...place, text }))
    return given.slice(0, MOST_CHOICES).map(({ directive, text }) => placedWord(directive, text))
  }

  #given(name: string): readonly Given[] {
    const own = this.#values.get(name) ?? []
    return this.#outer === undefined ? own : [...own, ...this.#outer.#given(name)]
  }

  #add(name: string, value: Given): void {
    const known = this.#values.get(name)
    if (known === undefined) this.#values.set(name, [value])
    else known.push(value)
  }

  #sets(directives: readonly Directive[]): void {
    for (const directive of directives) {
      const [name, value] = directive.words
      if (directive.name === 'set' && name !== undefined && value !== undefined) {
        this.#add(name.text.replace(/^\$/, ''), { directive, text: value.text })
      }
      if (directive.block !== undefined && directive.lua === undefined) this.#sets(directive.block)
    }
  }
}

function unknown(name: string): Expansion {
  const clientChosen = CLIENT.test(name) || !OWN.test(name)
  const reason = CLIENT.test(name) ? `$${name} is what the client sends` : `$${name} is known only when a request comes`
  return { kind: 'unknown', reason, clientChosen }
}

/** The first mention of the variable becomes the value. Where the value is all that is left, it is what the place shows. */
function substitute(placed: Placed, name: string, value: Placed): Placed {
  const mention = new RegExp(String.raw`\$(?:\{${name}\}|${name}(?!\w))`)
  const text = placed.text.replace(mention, () => value.text)
  return { text, template: placed.template || value.template, origin: text === value.text ? value.origin : placed.origin }
}

export function placedWord(directive: Directive, text: string): Placed {
  return { text, template: directive.source.template, origin: originOf(directive) }
}

/** Entries of `geo` that set something up rather than give a value (ngx_http_geo_module). */
const GEO_SETTINGS: ReadonlySet<string> = new Set(['delete', 'proxy', 'proxy_recursive', 'ranges'])
const MAP_SETTINGS: ReadonlySet<string> = new Set(['hostnames', 'volatile'])

function choices(block: Directive): readonly Given[] {
  const settings = block.name === 'map' ? MAP_SETTINGS : block.name === 'geo' ? GEO_SETTINGS : new Set<string>()
  const entries = (block.block ?? []).filter((entry) => !settings.has(entry.name))
  const values = entries.flatMap((directive) => directive.words.slice(0, 1).map(({ text }) => ({ directive, text })))
  // Without a default the value is empty; a share for the rest (`*`) leaves nothing over.
  const hasDefault = entries.some((entry) => entry.name === 'default' || entry.name === '*')
  return hasDefault ? values : [...values, { directive: block, text: '' }]
}
