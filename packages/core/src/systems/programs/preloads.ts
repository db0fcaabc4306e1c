import { DOTENV_MODULES, FLOW_MODULES } from './interpreters.ts'
import type { Given } from './options.ts'
import { present } from './place.ts'
import { isLiteral, type Template } from './template.ts'
import { type State, variable, variables, withFile, withFolderFile, withNeededFile, withUnknown, withUnseen } from './state.ts'

/** `-r dotenv/config` in NODE_OPTIONS (nodejs.org/api/cli.html). */
const PRELOADED = /(?:^|\s)(?:-r|--require|--import)[\s=]{1,4}["']?([\w@./-]{1,100})/g

const OPTION = 'dotenv_config_path='

/** What is loaded before a program of Node where its options, or those that it inherits, preload a module that reads a file of variables. */
export function withPreloaded(before: State, given: readonly Given[], rest: readonly Template[]): State {
  const own = given.flatMap(({ role, value }) => (role === 'value' && value !== undefined ? [value.text] : []))
  const inherited = [...(variable(before, 'NODE_OPTIONS') ?? '').slice(0, 4096).matchAll(PRELOADED)].map(([, module = '']) => module)
  const modules = [...own, ...inherited]
  const flowing = modules.some((module) => FLOW_MODULES.has(module)) ? withFilesOfFlow(before, rest) : before
  return modules.some((module) => DOTENV_MODULES.has(module)) ? withFileOfDotenv(flowing, rest) : flowing
}

function withFileOfDotenv(before: State, rest: readonly Template[]): State {
  // dotenv 16, lib/env-options.js, lib/cli-options.js
  const word = rest.find(({ text }) => text.startsWith(OPTION))
  if (word !== undefined && isLiteral(word.text)) return withNeededFile(before, word.text.slice(OPTION.length), word.origin)
  const named = variables(before).get('DOTENV_CONFIG_PATH')
  const path = named === undefined ? '.env' : variable(before, 'DOTENV_CONFIG_PATH')
  if (path === undefined)
    return named === undefined ? before : withUnknown(before, 'which file variables are loaded from is not known', named.origin)
  return named === undefined || path === '' ? withFile(before, '.env') : withNeededFile(before, path, named.origin)
}

/** The files of a mode; the words of the command line go before variables (dotenv-flow 4, config.js). */
function withFilesOfFlow(before: State, rest: readonly Template[]): State {
  const option = (name: string): string | undefined => {
    const index = rest.findLastIndex(({ text }) => text === name || text.startsWith(`${name}=`))
    const word = rest[index]?.text
    return word === name ? rest[index + 1]?.text : word?.slice(name.length + 1)
  }
  const given = (word: string, name: string): string | undefined => {
    const set = variables(before).has(name) ? (variable(before, name) ?? UNKNOWN) : undefined
    return option(word) ?? (set === '' ? undefined : set)
  }
  const mode = given('--node-env', 'NODE_ENV') ?? given('--default-node-env', 'DEFAULT_NODE_ENV')
  const directory = given('--dotenv-flow-path', 'DOTENV_FLOW_PATH') ?? '.'
  const pattern = given('--dotenv-flow-pattern', 'DOTENV_FLOW_PATTERN')
  const at = rest[0]?.origin
  if (at !== undefined && (pattern !== undefined || ![mode ?? '', directory].every(isLiteral)))
    return withUnseen(before, { how: 'in a file that is not known', origin: at })
  const names = [...(mode === undefined ? [] : [`.${mode}.local`, `.${mode}`]), ...(mode === 'test' ? [] : ['.local']), '', '.defaults']
  return names.map((name) => `${directory}/.env${name}`).reduce(withFile, before)
}

/** No literal: a value that is not known. */
const UNKNOWN = '\ue000'

/** The files that Bun reads unasked; of those that set a variable the first wins (bun.sh/docs/runtime/env). */
export function withFilesOfBun(before: State): State {
  const mode = variable(before, 'NODE_ENV') ?? 'development'
  return present(before.place, [`.env.${mode}.local`, '.env.local', `.env.${mode}`, '.env']).reduce(withFolderFile, before)
}
