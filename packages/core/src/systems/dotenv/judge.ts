import { type FileOrigin, hasSecret, type Text } from '../../evidence/index.ts'
import { type Maker, makerOf } from './makers.ts'
import { type PlainVariable, plainVariables } from './plain.ts'
import { type Weakness, weaknessOf } from './strength.ts'
import { environmentOfFile } from './written.ts'

/** Something that is wrong with a secret of a `.env` file. Its value is in none of these. */
export type SecretProblem = {
  readonly name: string
  readonly origin: FileOrigin
  /** The environment that the file is for, by its name. */
  readonly environment: string | undefined
} & (
  | { readonly problem: 'weak'; readonly weakness: Weakness }
  /** Another variable has the same value. */
  | { readonly problem: 'repeated'; readonly with: { readonly name: string; readonly origin: FileOrigin } }
)

interface Found extends PlainVariable {
  readonly value: string
  readonly maker: Maker
  readonly environment: string | undefined
}

/** Shorter values are the same by chance, or because nobody thought of them. */
const SHORTEST_SAME = 8

/** What of the secrets in these files keeps nobody out, or is one secret for two uses. Values are compared here and go nowhere else. */
export function judgeSecrets(files: readonly Text[]): readonly SecretProblem[] {
  const found = files.flatMap((file) => {
    const environment = environmentOfFile(file.path)
    return [...plainVariables(file).values()].flatMap(({ name, value, origin }): readonly Found[] => {
      const maker = makerOf(name)
      return maker === undefined || value === undefined || value === '' ? [] : [{ name, value, origin, maker, environment }]
    })
  })
  return [...found.flatMap(weak), ...repeated(found)]
}

/** A credential in an address: `postgresql://app:PASSWORD@db/app`. */
const ADDRESS = /^[a-z][a-z0-9+.-]{0,40}:\/\//i
const PASSWORD = /^[a-z][a-z0-9+.-]{0,40}:\/\/[^:@/]{0,256}:([^@]{1,512})@/i

/** Of an address its password. */
const judgedOf = (value: string): string => (ADDRESS.test(value) ? (PASSWORD.exec(value)?.[1] ?? '') : value)

/** NIST SP 800-63B-4 §3.1.1.2: no password has fewer characters, whatever else is asked. */
const SHORTEST_CHOSEN = 8

export type Strength = 'trivial' | 'chosen' | 'random'

/** How much it says that somebody comes to see a secret: what anybody would try first says nothing. */
export function strengthOf(value: string): Strength {
  const judged = judgedOf(value)
  if (hasSecret(judged)) return 'random'
  const weakness = weaknessOf(judged, 'password')
  return weakness === undefined || (weakness === 'short' && judged.length >= SHORTEST_CHOSEN) ? 'chosen' : 'trivial'
}

function weak({ name, value, origin, maker, environment }: Found): readonly SecretProblem[] {
  const judged = judgedOf(value)
  const weakness = weaknessOf(judged, maker.kind === 'own' ? 'key' : 'password')
  // How long a key of others is they decide.
  const isTheirs = maker.kind === 'issuer' || maker.kind === 'unknown'
  if (weakness === undefined || (isTheirs && weakness === 'short')) return []
  return [{ problem: 'weak', weakness, name, origin, environment }]
}

function repeated(found: readonly Found[]): readonly SecretProblem[] {
  const first = new Map<string, Found[]>()
  return found.flatMap((item) => {
    if (item.value.length < SHORTEST_SAME || weaknessOf(item.value, 'password') === 'placeholder') return []
    const others = first.get(item.value) ?? []
    first.set(item.value, [...others, item])
    const other = others.find((each) => isOneForTwo(each, item))
    if (other === undefined) return []
    const { name, origin, environment } = item
    return [{ problem: 'repeated', with: { name: other.name, origin: other.origin }, name, origin, environment } as const]
  })
}

/** Environments whose secrets keep nothing of anybody's. */
export const FOR_TRIAL: ReadonlySet<string> = new Set(['development', 'test', 'local', 'e2e', 'ci', 'demo', 'sandbox'])

/** One value where two belong. A password of a data store has several names, each for another program; so may a key of others. */
function isOneForTwo(one: Found, other: Found): boolean {
  if (one.origin.path === other.origin.path) return one.name !== other.name && (one.maker.kind === 'own' || other.maker.kind === 'own')
  const [a, b] = [one.environment, other.environment]
  return a !== undefined && b !== undefined && a !== b && FOR_TRIAL.has(a) !== FOR_TRIAL.has(b)
}
