import { ABSENT, type FileOrigin, knownText, type Value, type Word } from '../../evidence/index.ts'

/** A command of docker's or podman's, cut into its options and what stands behind them. */
export interface ContainerCommand {
  /** By long names; every value that was given, in order. */
  readonly options: ReadonlyMap<string, readonly Given[]>
  /** From the first word that is no option on. */
  readonly rest: readonly Word[]
}

export interface Given {
  readonly value: Value
  readonly origin: FileOrigin
}

/** How the options of one command are written. All that are not named take a value. */
export interface Spelling {
  /** The words after `docker`: any of them. */
  readonly verbs: readonly string[]
  readonly switches: ReadonlySet<string>
  readonly shortSwitches: ReadonlySet<string>
  readonly longNames: Readonly<Record<string, string>>
}

/** `undefined` where the words are another command. */
export function readContainerCommand(words: readonly Word[], spelling: Spelling): ContainerCommand | undefined {
  const program = knownText(words[0]?.text)?.split('/').at(-1)
  if (program !== 'docker' && program !== 'podman') return undefined
  const given = [knownText(words[1]?.text), knownText(words[2]?.text)]
  const verb = spelling.verbs.find((text) => `${given.slice(0, text.split(' ').length).join(' ')}` === text)
  if (verb === undefined) return undefined
  const options = new Map<string, Given[]>()
  const add = (name: string, value: Value, word: Word | undefined): void => {
    const origin = word === undefined || word.text.kind === 'absent' ? undefined : word.text.origin
    if (origin === undefined) return
    const before = options.get(name)
    if (before === undefined) options.set(name, [{ value, origin }])
    else before.push({ value, origin })
  }
  let index = 1 + verb.split(' ').length
  for (; index < words.length; index++) {
    const word = words[index]
    const text = leading(word?.text)
    if (!text.startsWith('-') || text === '-') break
    if (text === '--') {
      index++
      break
    }
    const { name, rest = word?.text.kind === 'joined' ? '' : undefined } = split(text, spelling)
    if (rest !== undefined) add(name, without(word?.text ?? ABSENT, text.length - rest.length), word)
    else if (spelling.switches.has(name)) add(name, ABSENT, word)
    else {
      index++
      add(name, words[index]?.text ?? ABSENT, words[index])
    }
  }
  return { options, rest: words.slice(index) }
}

/** What a value is known to begin with. */
export function leading(value: Value | undefined): string {
  return knownText(value?.kind === 'joined' ? value.parts[0] : value) ?? ''
}

/** A value whose known beginning is cut off. */
export function without(value: Value, length: number): Value {
  if (value.kind === 'known') return { ...value, value: String(value.value).slice(length) }
  if (value.kind !== 'joined') return value
  const [first, ...others] = value.parts
  return first?.kind === 'known' ? { ...value, parts: [{ ...first, value: String(first.value).slice(length) }, ...others] } : value
}

/** `--name=VALUE`, `-pVALUE`, `-itp VALUE`: the option's long name, and its value where it stands in the same word. */
function split(text: string, { shortSwitches, longNames }: Spelling): { readonly name: string; readonly rest: string | undefined } {
  if (text.startsWith('--')) {
    const equals = text.indexOf('=')
    return equals < 0 ? { name: text, rest: undefined } : { name: text.slice(0, equals), rest: text.slice(equals + 1) }
  }
  let index = 1
  while (index < text.length - 1 && shortSwitches.has(text[index] ?? '')) index++
  const letter = text[index] ?? ''
  const rest = text.slice(index + 1).replace(/^=/, '')
  return { name: longNames[letter] ?? `-${letter}`, rest: rest === '' ? undefined : rest }
}
