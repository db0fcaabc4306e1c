import type { Word } from '../../evidence/index.ts'
import type { CommandContext, CommandReading } from './reading.ts'

/**
 * What a command starts: wrappers are peeled off, known servers are asked for their arguments. Never throws; what is not
 * understood gives a reading without `entry` and `serves`.
 */
export function readCommand(words: readonly Word[], context: CommandContext = {}): CommandReading {
  const texts = words.map((word) => (word.text.kind === 'known' ? String(word.text.value) : undefined))
  const program = texts[0]?.split('/').at(-1)
  const entry = program === 'node' ? texts.slice(1).find((text) => text !== undefined && !text.startsWith('-')) : undefined
  return {
    program,
    ...(entry === undefined ? {} : { entry }),
    alsoServes: [],
    workingDirectory: context.workingDirectory ?? '',
    environment: new Map(),
    environmentFiles: [],
    configurationFiles: [],
    arguments: new Map(),
    unknown: [],
    also: [],
  }
}
