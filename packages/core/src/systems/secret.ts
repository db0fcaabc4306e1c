import { SECRET_NAME, show, type FileOrigin, type Setting, type Shown, type Value, type Word } from '../evidence/index.ts'

const REDACTION = /\[redacted\]/

/** Whether a value must not be kept: its name says so, or it has the shape of a credential. */
export function isSecret(name: string, text: string): boolean {
  return SECRET_NAME.test(name) || REDACTION.test(show(text))
}

export function withheld(origin: FileOrigin): Value {
  return { kind: 'unknown', reason: 'a secret, not kept', origin }
}

/** The value as it may be kept under this name: secrets are replaced, at any depth. */
export function kept(name: string, value: Value, origin: FileOrigin): Value {
  if (SECRET_NAME.test(name)) return value.kind === 'absent' ? value : withheld(origin)
  switch (value.kind) {
    case 'known':
      return isSecret(name, String(value.value)) ? withheld(value.origin) : value
    case 'environment':
    case 'argument':
      return { ...value, fallback: kept(name, value.fallback, origin) }
    case 'choice':
      return { ...value, options: value.options.map((option) => kept(name, option, origin)) }
    case 'joined':
      return isSecret(name, literalText(value))
        ? withheld(value.origin)
        : { ...value, parts: value.parts.map((part) => kept(name, part, origin)) }
    case 'absent':
    case 'unknown':
      return value
    default:
      return value satisfies never
  }
}

export function setting(name: string, value: Value, origin: FileOrigin): Setting {
  return { value: kept(name, value, origin), origin }
}

/** The known parts of a value, `…` for the others. */
export function literalText(value: Value): string {
  if (value.kind === 'known') return String(value.value)
  return value.kind === 'joined' ? value.parts.map(literalText).join('') : '…'
}

/** `--api-key VALUE`, `-password VALUE`: the value is the next word. */
const SECRET_FLAG = new RegExp(`^--?[\\w-]{0,64}(?:${SECRET_NAME.source})[\\w-]{0,64}$`, 'i')

/** The words of a command as they may be kept: what follows a secret's flag, or is assigned to a secret's name, is replaced. */
export function wordsOf(
  values: readonly { readonly value: Value; readonly source: string; readonly origin: FileOrigin }[],
): readonly Word[] {
  let afterSecretFlag = false
  return values.map(({ value, source, origin }) => {
    const text = value.kind === 'known' ? String(value.value) : undefined
    const secret = afterSecretFlag && text?.startsWith('-') !== true
    afterSecretFlag = text !== undefined && SECRET_FLAG.test(text)
    if (secret) return { text: withheld(origin), shown: show('[redacted]') }
    const equals = literalText(value).indexOf('=')
    const name = equals > 0 ? literalText(value).slice(0, equals) : ''
    return {
      text: equals > 0 && isSecret(name, literalText(value)) ? withheld(origin) : kept('', value, origin),
      shown: shownWord(value, source),
    }
  })
}

function shownWord(value: Value, source: string): Shown {
  return show(value.kind === 'known' ? String(value.value) : source)
}
