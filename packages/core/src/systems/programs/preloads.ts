import { DOTENV_MODULES } from './interpreters.ts'
import type { Given } from './options.ts'
import { present } from './place.ts'
import { isLiteral, type Template } from './template.ts'
import { type State, variable, variables, withFile, withFolderFile, withUnknown } from './state.ts'

/** `-r dotenv/config` in NODE_OPTIONS (nodejs.org/api/cli.html). */
const PRELOADED = /(?:^|\s)(?:-r|--require|--import)[\s=]{1,4}["']?([\w@./-]{1,100})/g

const OPTION = 'dotenv_config_path='

/** What is loaded before a program of Node where its options, or those that it inherits, preload a module that reads a file of variables. */
export function withPreloaded(before: State, given: readonly Given[], rest: readonly Template[]): State {
  const own = given.flatMap(({ role, value }) => (role === 'value' && value !== undefined ? [value.text] : []))
  const inherited = [...(variable(before, 'NODE_OPTIONS') ?? '').slice(0, 4096).matchAll(PRELOADED)].map(([, module = '']) => module)
  if (![...own, ...inherited].some((module) => DOTENV_MODULES.has(module))) return before
  // dotenv 16, lib/env-options.js, lib/cli-options.js
  const word = rest.find(({ text }) => text.startsWith(OPTION))
  if (word !== undefined && isLiteral(word.text)) return withFile(before, word.text.slice(OPTION.length))
  const named = variables(before).get('DOTENV_CONFIG_PATH')
  const path = named === undefined ? '.env' : variable(before, 'DOTENV_CONFIG_PATH')
  if (path === undefined)
    return named === undefined ? before : withUnknown(before, 'which file variables are loaded from is not known', named.origin)
  return withFile(before, path === '' ? '.env' : path)
}

/** The files that Bun reads unasked; of those that set a variable the first wins (bun.sh/docs/runtime/env). */
export function withFilesOfBun(before: State): State {
  const mode = variable(before, 'NODE_ENV') ?? 'development'
  return present(before.place, [`.env.${mode}.local`, '.env.local', `.env.${mode}`, '.env']).reduce(withFolderFile, before)
}
