import { type FileOrigin, isSecretName, knownText, type Text, type Value } from '../../evidence/index.ts'
import { interpolate } from '../dotenv/interpolate.ts'
import { readEnvironmentFile } from '../dotenv/values.ts'
import { withheld } from '../secret.ts'
import { originOf, passageOfScalar, type Tree } from '../yaml.ts'

/** The variables that compose puts into a file: those of its `.env`, as far as the shell that runs compose sets no others. */
export class Variables {
  readonly #values: ReadonlyMap<string, Value>
  readonly #problem: (reason: string, origin: FileOrigin) => void

  constructor(values: ReadonlyMap<string, Value>, problem: (reason: string, origin: FileOrigin) => void) {
    this.#values = values
    this.#problem = problem
  }

  /** `undefined`: not set in the files. */
  get(name: string, origin: FileOrigin): Value | undefined {
    const value = this.#values.get(name)
    return value !== undefined && isSecretName(name) ? withheld(origin) : value
  }

  /** A scalar with its variables put in. */
  value(tree: Tree): Value {
    const origin = originOf(tree)
    if (tree.kind !== 'scalar') return { kind: 'unknown', reason: 'a list or mapping where a text belongs', origin }
    if (!tree.value.includes('$')) return { kind: 'known', value: tree.value, origin }
    const { value, problems } = interpolate(
      passageOfScalar(tree),
      (name, place) => this.get(name, place),
      (name, place) => ({ kind: 'unknown', reason: `\`${name}\` is not set in .env`, origin: place }),
    )
    for (const { reason, origin: place } of problems) this.#problem(reason, place)
    return value
  }

  /** The text of a scalar, where it is known. */
  text(tree: Tree | undefined): string | undefined {
    if (tree?.kind !== 'scalar' || tree.type === 'null') return undefined
    return knownText(this.value(tree))
  }
}

/** What the `.env` files of a project set; earlier ones are overridden by later ones, all by `outer`. */
export function variablesOf(files: readonly Text[], outer: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  const values = new Map<string, Value>()
  for (const file of files) for (const [name, { value }] of readEnvironmentFile(file, 'compose').variables) values.set(name, settled(value))
  return new Map([...values, ...outer])
}

/** A variable of the shell that runs compose has its default where it has one, and is not known where it has none. */
function settled(value: Value): Value {
  switch (value.kind) {
    case 'environment':
    case 'argument':
      return value.fallback.kind === 'absent'
        ? { kind: 'unknown', reason: `\`${value.name}\` is not set in .env`, origin: value.origin }
        : settled(value.fallback)
    case 'joined':
      return { ...value, parts: value.parts.map(settled) }
    case 'choice':
      return { ...value, options: value.options.map(settled) }
    case 'known':
    case 'absent':
    case 'unknown':
      return value
    default:
      return value satisfies never
  }
}
