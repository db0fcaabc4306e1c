import type { Word } from '../../evidence/index.ts'
import type { Start, StartContext, Starts } from '../starts.ts'
import type { Command } from './image.ts'

/** What a container comes to start: the entry point with the command as its words (reference: how CMD and ENTRYPOINT interact). */
export function containerStarts(
  entrypoint: Command | undefined,
  command: Command | undefined,
  context: StartContext,
  starts: Starts,
): readonly Start[] {
  const inside = { ...context, inContainer: true }
  if (entrypoint === undefined) return command === undefined ? [] : startsOf(command, inside, starts)
  if (entrypoint.form === 'shell') return startsOf(entrypoint, inside, starts)
  const more: readonly Word[] = command === undefined ? [] : command.form === 'exec' ? command.words : shellWords(command)
  return starts.ofCommand([...entrypoint.words, ...more], inside, command?.origin ?? entrypoint.origin)
}

function startsOf(command: Command, context: StartContext, starts: Starts): readonly Start[] {
  return command.form === 'exec' ? starts.ofCommand(command.words, context, command.origin) : starts.ofShell(command.text, context)
}

function shellWords({ text, origin }: Extract<Command, { readonly form: 'shell' }>): readonly Word[] {
  const shown = text.origin(0, text.content.length).line
  return ['/bin/sh', '-c', text.content].map((value) => ({ text: { kind: 'known', value, origin }, shown }))
}
