import { Captures, type Content, markOf } from './captures.ts'
import { originOf, type Directive } from './parse.ts'
import type { Scope } from './scope.ts'
import { type Placed, variablesIn } from './values.ts'

/** What a text with variables can become: a text without any, or something that only a request decides. */
export type Expansion =
  | { readonly kind: 'text'; readonly placed: Placed }
  /** `text`: with all that is known put in, and a mark for each variable that is not (`markOf`). */
  | { readonly kind: 'unknown'; readonly reason: string; readonly clientChosen: boolean; readonly text: string }

/** More possible values of one text are not told apart, and no more steps are taken to find them. */
const MOST_CHOICES = 256

/** Variables put in, over all texts of one level and the servers in it. */
const MOST_STEPS = 100_000

const LONGEST_TEXT = 8192

/** Variables whose content the sender of a request chooses. */
const CLIENT =
  /^(?:\d|args|query_string|uri|document_uri|request_uri|request|request_body|host|http_\w+|arg_\w+|cookie_\w+|is_args|content_\w+|remote_user|ssl_server_name|ssl_preread_\w+|proxy_protocol_\w+|request_method|request_filename)$/

/** Of those, and of nginx's own: what holds a name or an address, without a port behind it. */
const NAMES =
  /^(?:host|ssl_server_name|ssl_preread_server_name|server_name|server_addr|hostname|\w*remote_addr|proxy_protocol_\w*addr|geoip2?_\w+)$/

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
  readonly #captures = new Captures()
  readonly #outer: Variables | undefined
  readonly #budget: { steps: number }

  constructor(level: Scope, outer?: Variables) {
    this.#outer = outer
    this.#budget = outer === undefined ? { steps: MOST_STEPS } : outer.#budget
    for (const block of level.own('map', 'geo', 'split_clients')) {
      const name = block.words.at(-1)?.text.replace(/^\$/, '')
      if (name !== undefined) for (const value of choices(block)) this.#add(name, value)
      for (const entry of block.block ?? []) if (entry.name.startsWith('~') && entry.name.includes('(?')) this.#captures.add(entry)
    }
    // Wherever in the server a `set` stands, it may have run before: the order in which nginx runs them is not followed.
    if (level.kind === 'server') {
      this.#captures.add(level.head)
      this.#sets(level.directives)
      for (const directive of level.own('listen')) {
        const port = /(?:^|:)([0-9]+)$/.exec(directive.words[0]?.text ?? '')?.[1]
        if (port !== undefined) this.#add('server_port', { directive, text: port })
      }
    }
  }

  /** Everything that a text can become; at least one, at most `MOST_CHOICES` and an unknown. */
  expand(placed: Placed): readonly Expansion[] {
    const open: Open[] = [{ placed }]
    const found: Expansion[] = []
    for (let step = 0; step < MOST_CHOICES; step++) {
      const next = open.pop()
      if (next === undefined) return found
      const { placed: here, unknown } = next
      const name = variablesIn(here)[0]
      if (name === undefined) found.push(unknown === undefined ? { kind: 'text', placed: here } : { ...unknown, text: here.text })
      else if (here.text.length > LONGEST_TEXT || this.#budget.steps-- <= 0) break
      else {
        const values = this.#valuesOf(name, here)
        if (values === undefined)
          open.push({ placed: substitute(here, name, this.#mark(name, here)), unknown: together(unknown, name, this.#isClients(name)) })
        else for (const value of values.toReversed()) open.push({ ...next, placed: substitute(here, name, value) })
      }
    }
    return [...found, { kind: 'unknown', reason: 'it has too many possible values', clientChosen: false, text: markOf('free') }]
  }

  #isClients(name: string): boolean {
    return CLIENT.test(name) || this.#contentOf(name) !== undefined
  }

  #contentOf(name: string): Content | undefined {
    return this.#captures.contentOf(name) ?? (this.#outer === undefined ? undefined : this.#outer.#contentOf(name))
  }

  #mark(name: string, place: Placed): Placed {
    const content: Content = this.#contentOf(name) ?? (NAMES.test(name) ? 'name' : 'free')
    return { ...place, text: markOf(content) }
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
      this.#captures.add(directive)
      if (directive.block !== undefined && directive.lua === undefined) this.#sets(directive.block)
    }
  }
}

/** A text on its way to having no variables left, and what has been met that stays unknown. */
interface Open {
  readonly placed: Placed
  readonly unknown?: Unknown
}

type Unknown = Omit<Expansion & { readonly kind: 'unknown' }, 'text'>

/** The reason is the first variable's, unless only a later one is the client's. */
function together(before: Unknown | undefined, name: string, clientChosen: boolean): Unknown {
  const reason = clientChosen ? `$${name} is what the client sends` : `$${name} is known only when a request comes`
  return before === undefined || (clientChosen && !before.clientChosen) ? { kind: 'unknown', reason, clientChosen } : before
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
