import { knownText, type Value, type Word } from '../../evidence/index.ts'

/** `${PYTHON:-python3} -m uvicorn`: the program that runs unless another is set; `$PY -m …` is Python whichever it is. */
export function withKnownProgram(words: readonly Word[]): readonly Word[] {
  const [first, ...rest] = words
  if (first === undefined || first.text.kind === 'known') return words
  const program =
    usual(first.text) ??
    (knownText(rest[0]?.text) === '-m' && first.text.kind !== 'absent'
      ? { kind: 'known' as const, value: 'python3', origin: first.text.origin }
      : undefined)
  return program === undefined ? words : [{ ...first, text: program }, ...rest]
}

function usual(value: Value): Value | undefined {
  switch (value.kind) {
    case 'known':
      return value
    case 'environment':
    case 'argument':
      return usual(value.fallback)
    case 'choice':
      return value.options.map(usual).find((option) => option !== undefined)
    default:
      return undefined
  }
}

/** A word in which a shell put variables that files, or what is not seen, may set: they are not those of the program. */
export function putIn(word: Word): Word {
  return { ...word, text: settled(word.text) }
}

function settled(value: Value): Value {
  switch (value.kind) {
    case 'environment':
      return { kind: 'unknown', reason: `what sets ${value.name} around the command is not followed`, origin: value.origin }
    case 'joined':
      return { ...value, parts: value.parts.map(settled) }
    case 'choice':
      return { ...value, options: value.options.map(settled) }
    default:
      return value
  }
}
