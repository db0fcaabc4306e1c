import type { Value, Word } from '../../evidence/index.ts'
import { wordsOf } from '../secret.ts'
import { mainStarts } from '../launches.ts'
import type { Start, StartContext, Starts } from '../starts/index.ts'
import { innerScript } from '../shell/inner.ts'
import type { Command } from './image.ts'

/** What a container comes to start: the entry point with the command as its words (reference: how CMD and ENTRYPOINT interact). */
export function containerStarts(
  entrypoint: Command | undefined,
  command: Command | undefined,
  context: StartContext,
  starts: Starts,
): readonly Start[] {
  return mainStarts(allStarts(entrypoint, command, { ...context, inContainer: true }, starts))
}

function allStarts(entrypoint: Command | undefined, command: Command | undefined, inside: StartContext, starts: Starts): readonly Start[] {
  if (entrypoint === undefined) return command === undefined ? [] : startsOf(command, inside, starts)
  if (entrypoint.form === 'shell') return startsOf(entrypoint, inside, starts)
  const more = command === undefined ? { words: [], raw: [] } : command.form === 'exec' ? command : shellWords(command)
  const script = innerScript([...entrypoint.raw, ...more.raw])
  return starts.ofCommand([...entrypoint.words, ...more.words], inside, command?.origin ?? entrypoint.origin, script)
}

function startsOf(command: Command, context: StartContext, starts: Starts): readonly Start[] {
  return command.form === 'exec'
    ? starts.ofCommand(command.words, context, command.origin, innerScript(command.raw))
    : starts.ofShell(command.text, context)
}

/** The shell form as words of an entry point. */
function shellWords({ text, origin }: Extract<Command, { readonly form: 'shell' }>): {
  readonly words: readonly Word[]
  readonly raw: readonly Value[]
} {
  const raw: readonly Value[] = ['/bin/sh', '-c', text.content].map((value) => ({ kind: 'known', value, origin }))
  return { words: wordsOf(raw.map((value) => ({ value, source: '', origin }))), raw }
}
