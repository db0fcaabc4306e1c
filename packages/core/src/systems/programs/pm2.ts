import { type Options, parseOptions } from './options.ts'
import { inFolder, moved } from './place.ts'
import type { CommandReading } from './reading.ts'
import type { Readers } from './run.ts'
import { done, type State } from './state.ts'
import { cut, isLiteral, type Template } from './template.ts'

const OPTIONS: Options = Object.fromEntries(
  '-n,--name,-i,--instances,-o,--output,-e,--error,-l,--log,-u,--user,--uid,--gid,--namespace,-p,--pid,--max-memory-restart,--node-args,--interpreter-args,--env,--watch-delay,--ignore-watch,--filter-env,-c,--cron,--cron-restart,--restart-delay,--exp-backoff-restart-delay,--log-date-format,--log-type,--kill-timeout,--listen-timeout,--max-restarts,--min-uptime,--only,--web,--secret,--public,--formatted,--delay,-x,-f'
    .split(',')
    .map((name) => [name, ['-x', '-f', '--web', '--formatted'].includes(name) ? ('switch' as const) : ('value' as const)]),
)

/** `pm2 start FILE`, `pm2-runtime FILE`, `pm2-dev FILE`: a file, a whole command in one word, a program, or an ecosystem file (which has its own reader). */
export function readPm2(read: Readers, name: string, words: readonly Template[], before: State): CommandReading | undefined {
  if (name !== 'pm2' && name !== 'pm2-runtime' && name !== 'pm2-docker' && name !== 'pm2-dev') return undefined
  const options: Options = { ...OPTIONS, '--interpreter': 'command', '--cwd': 'directory' }
  const parsed = parseOptions(words, { options, unlisted: 'switch' })
  const [verb, ...others] = parsed.positionals
  const named = verb !== undefined && ['start', 'restart', 'reload', 'startOrRestart', 'startOrReload'].includes(verb.text)
  if (name === 'pm2' && !named) return undefined
  const [target, ...more] = named ? others : parsed.positionals
  if (target === undefined || !isLiteral(target.text)) return done(before, name)
  const directory = parsed.given.findLast((option) => option.role === 'directory')?.value
  const state = directory === undefined || !isLiteral(directory.text) ? before : { ...before, place: moved(before.place, directory.text) }
  if (/(?:^|[./-])(?:config|ecosystem)[\w.-]*\.(?:[cm]?js|json|ya?ml)$|^process\.(?:json|ya?ml)$/.test(target.text)) {
    const environmentName = parsed.given.findLast((option) => option.name === '--env')?.value?.text
    return done(state, name, {
      configurationFiles: [inFolder(state.place, target.text) ?? []].flat(),
      ...(environmentName === undefined || !isLiteral(environmentName) ? {} : { environmentName }),
    })
  }
  if (/\s/.test(target.text)) return read.text([target], state)
  const chosen = parsed.given.findLast((option) => option.name === '--interpreter')?.value
  const interpreter = chosen?.text === 'none' ? undefined : (chosen?.text ?? interpreterOf(target.text))
  const command = [...more, ...parsed.rest]
  const own = parsed.given.findLast((option) => option.name === '--node-args' || option.name === '--interpreter-args')?.value
  return read.words(
    interpreter === undefined
      ? [target, ...command]
      : [cut({ ...target, holes: [] }, interpreter), ...(own === undefined ? [] : cutAtBlanks(own)), target, ...command],
    state,
  )
}

function cutAtBlanks(template: Template): readonly Template[] {
  return [...template.text.matchAll(/\S+/g)].map(([text]) => cut(template, text))
}

/** pm2 picks the interpreter by the file's ending (lib/API/interpreter.json), and node where there is none. */
function interpreterOf(path: string): string | undefined {
  const ending = /\.(\w+)$/.exec(path)?.[1]
  if (ending === 'py') return 'python3'
  if (ending === 'sh') return 'bash'
  if (ending === 'rb') return 'ruby'
  if (ending === 'php') return 'php'
  if (ending === 'ts') return 'bun'
  if (ending !== undefined && /^[cm]?js$/.test(ending)) return 'node'
  return path.includes('/') ? 'node' : undefined
}
