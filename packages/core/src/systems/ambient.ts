import { knownText, type Setting } from '../evidence/index.ts'
import { readData } from './data/index.ts'
import { PassageBuilder } from './passage.ts'
import { directoryOf, joinPath } from './paths.ts'
import { readShell } from './shell/walk.ts'
import { type Starts } from './starts/index.ts'
import { variablesOf } from './tasks/task.ts'
import { entry, itemsOf, textOf } from './yaml.ts'

/** What the shell that somebody works in has set where they work. */
export interface Ambient {
  readonly environment: ReadonlyMap<string, Setting>
  /** Relative to the folder. */
  readonly environmentFiles: readonly string[]
  /** `source_up`: the .envrc above counts as well. */
  readonly goesUp?: boolean
}

export const NOTHING_AROUND: Ambient = { environment: new Map(), environmentFiles: [] }

/** How many directories up are looked at. */
const DEPTH = 32
const TEMPLATE = /\{\{([^{}\n]{0,200})\}\}/g

/** What direnv and mise set in a directory of the folder: by the nearest .envrc (direnv(1)), and by every mise.toml from there up. */
export function ambient(directory: string, starts: Starts): Ambient {
  let found = NOTHING_AROUND
  let hasEnvrc = false
  if (directory.startsWith('/')) return found
  for (let at = directory, depth = 0; depth < DEPTH; at = directoryOf(at), depth++) {
    const envrc: Ambient = hasEnvrc ? NOTHING_AROUND : envrcOf(at, starts)
    hasEnvrc ||= envrc !== NOTHING_AROUND && envrc.goesUp !== true
    found = added(added(found, envrc), miseOf(at, starts))
    if (at === '') break
  }
  return found
}

/** The nearer goes before. */
function added(near: Ambient, far: Ambient): Ambient {
  if (far === NOTHING_AROUND) return near
  return {
    environment: new Map([...far.environment, ...near.environment]),
    environmentFiles: [...near.environmentFiles, ...far.environmentFiles],
  }
}

function envrcOf(directory: string, starts: Starts): Ambient {
  const text = starts.text(joinPath(directory, '.envrc') ?? '')
  if (text === undefined) return NOTHING_AROUND
  const builder = new PassageBuilder(text)
  builder.copy(0, text.content.length)
  // One command more, to be given what is exported in the end.
  builder.replace('\n:', text.content.length, text.content.length)
  const { commands } = readShell(builder.build(), { workingDirectory: directory, script: text.path, sourced: (path) => starts.text(path) })
  const last = commands.at(-1)
  const files = commands.flatMap(({ program, words }) =>
    program === 'dotenv' || program === 'dotenv_if_exists' ? (joinPath(directory, knownText(words[1]?.text) ?? '.env') ?? []) : [],
  )
  const goesUp = commands.some(({ program }) => program?.startsWith('source_up') === true)
  return last === undefined
    ? NOTHING_AROUND
    : { environment: last.environment, environmentFiles: [...last.environmentFiles, ...files], goesUp }
}

function miseOf(directory: string, starts: Starts): Ambient {
  const [text] = ['mise.toml', '.mise.toml'].flatMap((name) => starts.text(joinPath(directory, name) ?? '') ?? [])
  const variables = text === undefined ? undefined : entry(readData(text, 'toml'), 'env')
  if (variables === undefined) return NOTHING_AROUND
  const files = itemsOf(entry(entry(variables, '_'), 'file')).flatMap((file) => joinPath(directory, textOf(file) ?? '') ?? [])
  return { environment: variablesOf(variables, TEMPLATE, () => undefined), environmentFiles: files }
}
