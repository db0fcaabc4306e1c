import type { Evaluator } from '../values/evaluator.ts'
import type { Meaning } from '../values/meaning.ts'

/** As options are written on a command line: `-h`, `--host`, and `maxPort` as `--max-port`, and by most parsers as `--maxPort` too. */
export function spellings(option: string, aliases: readonly string[], asItIs = true): readonly string[] {
  const written = [option, ...aliases].flatMap((name) => {
    if (name.length === 1) return [`-${name}`]
    const dashed = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    return dashed === name || !asItIs ? [`--${dashed}`] : [`--${dashed}`, `--${name}`]
  })
  return [...new Set(written)]
}

/** A text, or a list of texts. */
export function textsOf(meaning: Meaning, evaluator: Evaluator): readonly string[] {
  const items = meaning.kind === 'array' ? (evaluator.elements(meaning) ?? []) : [meaning]
  return items.flatMap((item) => (item.kind === 'value' && item.value.kind === 'known' ? [String(item.value.value)] : []))
}
