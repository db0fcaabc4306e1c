import type { Word } from '../../evidence/index.ts'
import type { Program } from './row.ts'
import { PROGRAMS } from './rows/index.ts'

/** `ipv6` and the like change the host too, and say no address. `-S HOST:PORT` says a port that the command may give elsewhere. */
const HOST_ROLES = ['host', 'hosts', 'host-words', 'host-or-everywhere'] as const

/** The words that say a host to a program of the table, in the form that it takes; `undefined`: it has no option that says the host alone. */
export function hostWords(id: string, host: string): readonly string[] | undefined {
  const program = rowOf(id)
  if (program === undefined) return undefined
  const options = Object.entries(program.options)
  const found = [
    ...HOST_ROLES.flatMap((role) => options.filter((option) => option[1] === role)),
    // Where a word without a port is a host, the port is what the rest of the command says.
    ...(program.hostsWithPorts === true ? options.filter((option) => option[1] === 'endpoints') : []),
  ]
  // The long one says itself what it is.
  const option = (found.find(([name]) => name.startsWith('--')) ?? found[0])?.[0]
  if (option === undefined) return undefined
  return program.valueForm === 'attached' && option.startsWith('--') ? [`${option}=${host}`] : [option, host]
}

/** What people call a program of the table. */
export function titleOf(id: string): string {
  return rowOf(id)?.title ?? id
}

/** The word behind which further options of a program are its own; `undefined`: which one that is cannot be told. */
export function wordBeforeOptions(id: string, command: readonly Word[]): Word | undefined {
  const program = rowOf(id)
  if (program?.optionsFirst !== true) return command.at(-1)
  const texts = command.map(({ text }) => (text.kind === 'known' ? String(text.value) : ''))
  const named = texts.findLastIndex(
    (text) => program.names.includes(text.split('/').at(-1) ?? '') || program.modules?.includes(text) === true,
  )
  if (named < 0) return undefined
  if (program.subcommands === undefined) return command[named]
  const subcommand = texts.findIndex((text, index) => index > named && program.subcommands?.includes(text) === true)
  return subcommand < 0 ? undefined : command[subcommand]
}

function rowOf(id: string): Program | undefined {
  return PROGRAMS.find((program) => program.id === id)
}
