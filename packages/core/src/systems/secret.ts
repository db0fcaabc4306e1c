import {
  hasSecret,
  isSecretName,
  secretWords,
  show,
  showWords,
  type FileOrigin,
  type Setting,
  type Value,
  type Word,
} from '../evidence/index.ts'

/** Whether a value must not be kept: its name says so, or it has the shape of a credential. */
function isSecret(name: string, text: string): boolean {
  return isSecretName(name) || hasSecret(text)
}

/** Nothing longer says where a server listens; and whether it holds a secret takes long to tell. In UTF-16 code units. */
const LONGEST = 4096

const WITHHELD = 'a secret, not kept'

export function withheld(origin: FileOrigin): Value {
  return { kind: 'unknown', reason: WITHHELD, origin }
}

export function isWithheld(value: Value): boolean {
  return value.kind === 'unknown' && value.reason === WITHHELD
}

/** The value as it may be kept under this name: secrets are replaced, at any depth. None is given by nothing. */
export function kept(name: string, value: Value, origin: FileOrigin): Value {
  const isNothing = value.kind === 'absent' || (value.kind === 'known' && value.value === '')
  if (isSecretName(name)) return isNothing ? value : withheld(origin)
  switch (value.kind) {
    case 'known': {
      const text = String(value.value)
      if (text.length > LONGEST) return { kind: 'unknown', reason: 'too long to be kept', origin: value.origin }
      return isSecret(name, text) ? withheld(value.origin) : value
    }
    case 'environment':
      return {
        ...value,
        fallback: kept(name, value.fallback, origin),
        ...(value.whenSet === undefined ? {} : { whenSet: kept(name, value.whenSet, origin) }),
      }
    case 'argument':
      return { ...value, fallback: kept(name, value.fallback, origin) }
    case 'choice':
      return { ...value, options: value.options.map((option) => kept(name, option, origin)) }
    case 'joined': {
      const text = literalText(value)
      if (text.length > LONGEST) return { kind: 'unknown', reason: 'too long to be kept', origin: value.origin }
      return isSecret(name, text) ? withheld(value.origin) : { ...value, parts: value.parts.map((part) => keptPart(name, part, origin)) }
    }
    case 'absent':
    case 'unknown':
      return value
    default:
      return value satisfies never
  }
}

/** The text of a value within a value has been looked at as part of it: once for all depths. */
function keptPart(name: string, part: Value, origin: FileOrigin): Value {
  return part.kind === 'joined' ? { ...part, parts: part.parts.map((inner) => keptPart(name, inner, origin)) } : kept(name, part, origin)
}

export function setting(name: string, value: Value, origin: FileOrigin): Setting {
  return { value: kept(name, value, origin), origin }
}

/** The known parts of a value, `…` for the others. */
export function literalText(value: Value): string {
  if (value.kind === 'known') return String(value.value)
  return value.kind === 'joined' ? value.parts.map(literalText).join('') : '…'
}

export interface GivenWord {
  readonly value: Value
  readonly source: string
  readonly origin: FileOrigin
  /** As in `Word`, for what is not known. */
  readonly spreads?: boolean
  /** Where the whole word stands, if that is elsewhere; asked for of few words of few commands. */
  readonly written?: (() => FileOrigin) | undefined
}

/** The words of a command as they may be kept: what follows a secret's option, or is assigned to a secret's name, is replaced. */
export function wordsOf(values: readonly GivenWord[]): readonly Word[] {
  const texts = values.map(({ value, source }) => (value.kind === 'known' ? String(value.value) : source).slice(0, LONGEST))
  const secrets = secretWords(texts)
  const shown = showWords(texts)
  return values.map(({ value, origin, spreads, written }, index) => {
    const literal = literalText(value)
    const equals = literal.indexOf('=')
    const secret = secrets.has(index) || (equals > 0 && isSecret(literal.slice(0, Math.min(equals, LONGEST)), literal.slice(0, LONGEST)))
    const text = secret ? withheld(origin) : kept('', value, origin)
    const word = shown[index] ?? show('')
    return {
      text,
      ...(spreads === true && text.kind !== 'known' ? { spreads } : {}),
      ...(written === undefined ? {} : { written: written() }),
      shown: word,
    }
  })
}
