import { readFile } from 'node:fs/promises'
import { GuardError } from './failure.ts'
import type { GuardOptions } from './options.ts'

/** Larger is no configuration. */
const MOST_BYTES = 1_000_000

/** What may stand at a place of the file. */
type Shape =
  | 'text'
  | 'texts'
  | 'switch'
  | 'number'
  /** A key: text, or `{ "environment": NAME, "optional"?: true }`. */
  | 'key'
  | { readonly list: Shape }
  /** Names that its owner chooses. */
  | { readonly named: Shape }
  | { readonly object: Readonly<Record<string, Shape>> }
  | { readonly either: readonly Shape[] }
  | { readonly only: readonly (string | boolean)[] }

const LIMIT: Shape = { object: { perSecond: 'number', burst: 'number', clients: 'number' } }
const KEYS: Shape = { list: 'key' }

/** Everything of `GuardOptions` that JSON can say; functions are given beside the file. */
const FILE: Shape = {
  object: {
    hosts: 'texts',
    origins: 'texts',
    credentials: 'switch',
    exposedHeaders: 'texts',
    privateNetwork: 'switch',
    silent: 'switch',
    encodedSlash: { only: ['allow', 'refuse'] },
    upgrades: 'texts',
    upgradesWithoutOrigin: { only: ['without-cookies', 'refuse', 'allow'] },
    behind: { object: { keys: KEYS, header: 'text', headers: 'texts', client: 'text' } },
    limit: LIMIT,
    keys: { object: { callers: { either: [KEYS, { named: KEYS }] }, header: 'text', limit: LIMIT, except: 'texts' } },
    jwt: {
      object: {
        keys: {
          list: { object: { alg: 'text', key: { either: ['key', { named: { either: ['text', 'texts', 'switch'] } }] }, kid: 'text' } },
        },
        issuer: 'text',
        audience: 'text',
        typ: 'text',
        clockTolerance: 'number',
        header: 'text',
        cookie: 'text',
        except: 'texts',
      },
    },
    headers: { named: { either: ['text', { only: [false] }] } },
    log: { either: ['text', { only: [false] }, { object: { file: 'text', maxBytes: 'number', files: 'number', perSecond: 'number' } }] },
  },
}

const WORDS = {
  text: 'a text',
  texts: 'a list of texts',
  switch: 'true or false',
  number: 'a number',
  key: 'a key or {"environment": "NAME"}',
}

/** A key that is optional and not there. */
const NOTHING = Symbol('nothing')

/**
 * Reads options from a JSON file, as `sallyport render guard SERVICE` writes it. Strict: a name that is misspelled or a value of the wrong kind is an
 * error that names its place (`behind.keys[0]`), for what is not understood would protect nobody. Keys may stand in the environment instead of the file:
 * `{ "environment": "INTERNAL_API_KEY" }`; one that is not set is an error unless it is `"optional": true`.
 *
 * @throws GuardError `file-unreadable`, `option-unknown`, `option-invalid`. No message repeats a value, which may be a key.
 */
export async function fromFile(
  file: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<GuardOptions> {
  return new Reader(file, environment).value('', await parsed(file), FILE) as GuardOptions
}

async function parsed(file: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new GuardError('file-unreadable', `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
  if (text.length > MOST_BYTES) throw new GuardError('file-unreadable', `${file} is larger than a file of options can be.`)
  try {
    return JSON.parse(text)
  } catch {
    // The message of JSON.parse repeats what stands there.
    throw new GuardError('file-unreadable', `${file} is not JSON.`)
  }
}

class Reader {
  readonly #file: string
  readonly #environment: Readonly<Record<string, string | undefined>>

  constructor(file: string, environment: Readonly<Record<string, string | undefined>>) {
    this.#file = file
    this.#environment = environment
  }

  value(place: string, value: unknown, shape: Shape): unknown {
    if (typeof shape === 'string') return this.#simple(place, value, shape)
    if ('only' in shape) {
      if ((shape.only as readonly unknown[]).includes(value)) return value
      return this.#invalid(place, `one of ${shape.only.map((one) => JSON.stringify(one)).join(', ')}`)
    }
    if ('either' in shape) return this.#either(place, value, shape.either)
    if ('list' in shape) {
      if (!Array.isArray(value)) return this.#invalid(place, 'a list')
      return value.map((one, index) => this.value(`${place}[${index}]`, one, shape.list)).filter((one) => one !== NOTHING)
    }
    if (!isObject(value)) return this.#invalid(place, 'an object')
    const entries = Object.entries(value).map(([name, one]) => {
      const inside = place === '' ? name : `${place}.${name}`
      if ('named' in shape) return [name, this.value(inside, one, shape.named)]
      const known = Object.hasOwn(shape.object, name) ? shape.object[name] : undefined
      if (known !== undefined) return [name, this.value(inside, one, known)]
      throw new GuardError(
        'option-unknown',
        `${this.#file}: ${inside}: there is no such option. There are ${Object.keys(shape.object).join(', ')}.`,
      )
    })
    // As own properties, `__proto__` too, which then is an option that nobody knows.
    return Object.fromEntries(entries.filter(([, one]) => one !== NOTHING))
  }

  #simple(place: string, value: unknown, shape: keyof typeof WORDS): unknown {
    if (shape === 'text' && typeof value === 'string') return value
    if (shape === 'texts' && Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
    if (shape === 'switch' && typeof value === 'boolean') return value
    if (shape === 'number' && typeof value === 'number') return value
    if (shape === 'key') return typeof value === 'string' ? value : this.#fromEnvironment(place, value)
    return this.#invalid(place, WORDS[shape])
  }

  #fromEnvironment(place: string, value: unknown): unknown {
    if (!isObject(value)) return this.#invalid(place, WORDS.key)
    const { environment: name, optional, ...more } = value
    if (typeof name !== 'string' || (optional !== undefined && optional !== true) || Object.keys(more).length > 0)
      return this.#invalid(place, WORDS.key)
    const found = this.#environment[name]
    if (found !== undefined && found !== '') return found
    if (optional === true) return NOTHING
    throw new GuardError('option-invalid', `${this.#file}: ${place}: the environment has no ${name}.`)
  }

  /** The shape that fits; where none does, what the likeliest says: objects for an object, lists for a list. */
  #either(place: string, value: unknown, shapes: readonly Shape[]): unknown {
    if (shapes.includes('key') && isObject(value) && Object.hasOwn(value, 'environment')) return this.value(place, value, 'key')
    const kind = Array.isArray(value) ? 'list' : isObject(value) ? 'object' : 'simple'
    const likely = shapes.filter((shape) => kindOf(shape) === kind)
    let first: unknown
    for (const shape of likely.length > 0 ? likely : shapes) {
      try {
        return this.value(place, value, shape)
      } catch (error) {
        first ??= error
      }
    }
    throw first
  }

  #invalid(place: string, wanted: string): never {
    throw new GuardError('option-invalid', `${this.#file}: ${place === '' ? 'the file' : place}: ${wanted} is needed here.`)
  }
}

function kindOf(shape: Shape): 'list' | 'object' | 'simple' {
  if (shape === 'texts') return 'list'
  if (shape === 'key') return 'simple'
  if (typeof shape === 'string' || 'only' in shape || 'either' in shape) return 'simple'
  return 'list' in shape ? 'list' : 'object'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
