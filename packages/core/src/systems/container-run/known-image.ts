import type { FileOrigin, Value } from '../../evidence/index.ts'
import { programOf } from '../compose/images.ts'
import type { Command } from '../dockerfile/image.ts'
import { wordsOf } from '../secret.ts'

/** What an image that everybody knows runs. `origin`: where it is named. */
export function commandOfKnown(image: string | undefined, origin: FileOrigin): Command | undefined {
  const words = programOf(image)
  if (words === undefined) return undefined
  const raw = words.map((value): Value => ({ kind: 'known', value, origin }))
  return { form: 'exec', words: wordsOf(raw.map((value) => ({ value, source: '', origin }))), raw, origin }
}

/** Entry point and command of such an image: its entry point puts the program before options, and gives way to another program. */
export function withProgram(program: Command, given: Command | undefined): readonly [Command | undefined, Command | undefined] {
  const first = given?.form === 'exec' ? given.raw[0] : undefined
  const isOption = first?.kind === 'known' && String(first.value).startsWith('-')
  return isOption ? [program, given] : [undefined, given ?? program]
}
