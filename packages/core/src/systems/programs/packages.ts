import type { Word } from '../../evidence/index.ts'
import { show } from '../../evidence/index.ts'
import { isTelling, npmVariable } from '../package-json/npm-settings.ts'
import { type Options, parseOptions } from './options.ts'
import { directoryIn, inFolder, moved } from './place.ts'
import { withFilesOfBun } from './preloads.ts'
import type { CommandReading, ScriptCall } from './reading.ts'
import { done, type State, withUnknown, withVariable } from './state.ts'
import { cut, fill, isLiteral, maySpread, type Template } from './template.ts'

/** A package manager: what of its command line names a script of a package.json. */
interface Manager {
  readonly options: Options
  /** Subcommands that run the script which is named next. */
  readonly run: readonly string[]
  /** Subcommands that run the script of their own name. */
  readonly scripts: readonly string[]
  /** Any other word is a script, unless it is one of these. */
  readonly others?: ReadonlySet<string>
  /** Its own options may stand behind the script's name as well, up to `--`. */
  readonly optionsAnywhere?: boolean
}

const LIFECYCLE = ['start', 'stop', 'restart', 'test', 't'] as const
const OWN_COMMANDS = new Set(
  'add,audit,autoclean,bin,cache,check,ci,config,constraints,create,dedupe,deploy,dlx,doctor,exec,explain,fetch,generate-lock-entry,global,help,i,import,info,init,install,licenses,link,list,ls,login,logout,node,npm,outdated,owner,pack,patch,plugin,policies,prune,publish,rebuild,remove,rm,root,self-update,set,setup,store,tag,team,unlink,unplug,up,update,upgrade,upgrade-interactive,version,versions,why,workspaces,x'.split(
    ',',
  ),
)

const MANAGERS: Readonly<Record<string, Manager>> = {
  npm: {
    options: { '--prefix': 'directory', '-C': 'directory', '-w': 'workspace', '--workspace': 'workspace', '--loglevel': 'value' },
    run: ['run', 'run-script', 'rum', 'urn'],
    scripts: LIFECYCLE,
    optionsAnywhere: true,
  },
  pnpm: {
    options: { '-C': 'directory', '--dir': 'directory', '--filter': 'workspace', '-F': 'workspace', '--prefix': 'directory' },
    run: ['run', 'run-script'],
    scripts: LIFECYCLE,
    others: OWN_COMMANDS,
  },
  yarn: { options: { '--cwd': 'directory' }, run: ['run'], scripts: LIFECYCLE, others: OWN_COMMANDS },
  bun: { options: { '--cwd': 'directory', '--filter': 'workspace', '--env-file': 'environment-file' }, run: ['run'], scripts: [] },
  // Of all packages at once nothing is followed; of the one that is named, what its script does.
  lerna: {
    options: { '--scope': 'workspace', '--concurrency': 'value', '--ignore': 'value' },
    run: ['run'],
    scripts: [],
    optionsAnywhere: true,
  },
}

/** What follows a script's name belongs to the script: npm hands on only what is behind `--`, the others hand on all. */
export function scriptCall(
  name: string,
  words: readonly Template[],
  state: State,
  program: (words: readonly Template[], state: State) => CommandReading,
): CommandReading | undefined {
  const manager = Object.hasOwn(MANAGERS, name) ? MANAGERS[name] : undefined
  if (manager === undefined) return undefined
  let place = state.place
  let workspace: string | undefined
  let rest = words
  const positionals: Template[] = []
  if (name === 'bun' && namesFile(manager, words)) return undefined
  // Options may stand before and behind the subcommand, and everything behind the script's name is the script's.
  for (let turn = 0; turn < 4; turn++) {
    const parsed = parseOptions(rest, { options: manager.options, unlisted: 'switch', stopsAtPositional: true })
    for (const option of parsed.given) {
      const text = option.value?.text
      if (text === undefined || !isLiteral(text)) continue
      if (option.role === 'directory') place = moved(place, text)
      if (option.role === 'workspace') workspace = text
    }
    const [word, ...more] = parsed.rest
    if (word === undefined) return undefined
    if (!isLiteral(word.text)) return done(withUnknown(state, `what ${name} runs is not known`, word.origin), name)
    rest = more
    if (name === 'yarn' && word.text === 'workspace' && positionals.length === 0) {
      workspace = more[0]?.text
      rest = more.slice(1)
      continue
    }
    positionals.push(word)
    // `bun --filter web dev`: of a package that is chosen so, the word is a script without `run` as well.
    const script = scriptOf(manager, positionals) ?? (name === 'bun' && workspace !== undefined ? word : undefined)
    if (manager.optionsAnywhere === true && script !== 'next') {
      const behind = parseOptions(rest, { options: manager.options, unlisted: 'switch' })
      workspace = behind.given.findLast((option) => option.role === 'workspace')?.value?.text ?? workspace
      const directory = behind.given.findLast((option) => option.role === 'directory')?.value?.text
      if (directory !== undefined && isLiteral(directory)) place = moved(place, directory)
    }
    if (script === 'next') continue
    if (script === undefined) return undefined
    if (name === 'lerna' && workspace === undefined) return undefined
    const selected = workspace === undefined ? undefined : selectedBy(workspace)
    const directory = workspaceDirectory(place, selected)
    const call: ScriptCall = {
      name: script.text,
      directory,
      ...(selected === undefined ? {} : { workspace: directory ?? selected }),
      extra: wordsOf(extraOf(name, rest)),
    }
    const shorthand = positionals.length === 1 && manager.others !== undefined && !manager.scripts.includes(script.text)
    const instead = shorthand && workspace === undefined ? program([script, ...rest], { ...state, place }) : undefined
    const understood = instead !== undefined && (instead.serves !== undefined || instead.entry !== undefined)
    const there = { ...state, place }
    const within = name === 'npm' ? withSettings(there, words) : name === 'bun' ? withFilesOfBun(there) : there
    return done(within, name, { script: understood ? { ...call, orProgram: instead } : call })
  }
  return undefined
}

/** `bun src/server.ts`: what stands where a script would is a file. */
function namesFile({ options, run }: Manager, words: readonly Template[]): boolean {
  const syntax = { options, unlisted: 'switch', stopsAtPositional: true } as const
  const { rest } = parseOptions(words, syntax)
  const [named] = run.includes(rest[0]?.text ?? '') ? parseOptions(rest.slice(1), syntax).rest : rest
  return /[./]/.test(named?.text ?? '')
}

/** A package's name or directory, without what pnpm's selectors say of others: `web...`, `...^web`, `{./apps/web}[main]` (pnpm.io/filtering). */
function selectedBy(text: string): string {
  return text
    .replace(/\[[^\]]{0,200}\]$/, '')
    .replace(/^\.\.\.\^?|\^?\.\.\.$/g, '')
    .replace(/^\{(.*)\}$/s, '$1')
}

/** `npm run serve --host=192.0.2.1`: what npm is told goes to the script as `npm_config_host` (npm-config(7), "Environment Variables"). */
function withSettings(before: State, words: readonly Template[]): State {
  let state = before
  for (const [index, word] of words.entries()) {
    if (word.text === '--') break
    const [, option = '', given] = /^--([a-z][\w.-]{0,80})(?:=(.*))?$/is.exec(word.text) ?? []
    const next = words[index + 1]
    if (!isTelling(option) || (given === undefined && (next === undefined || next.text.startsWith('-')))) continue
    const value = given === undefined && next !== undefined ? fill(next.text, next) : fill(given ?? '', word)
    state = withVariable(state, npmVariable(option), value, word.origin)
  }
  return state
}

function workspaceDirectory(place: State['place'], workspace: string | undefined): string | undefined {
  if (workspace === undefined) return directoryIn(place)
  // A workspace may be named by its directory; by its name it has to be looked for.
  const directory = inFolder(place, workspace)
  return directory !== undefined && place.paths?.has(directory === '' ? 'package.json' : `${directory}/package.json`) === true
    ? directory
    : undefined
}

function scriptOf(manager: Manager, positionals: readonly Template[]): Template | 'next' | undefined {
  const [first, second] = positionals
  if (first === undefined) return undefined
  if (manager.run.includes(first.text)) return second ?? 'next'
  if (manager.scripts.includes(first.text)) return first
  return manager.others?.has(first.text) === false ? first : undefined
}

function extraOf(name: string, rest: readonly Template[]): readonly Template[] {
  const dashes = rest.findIndex((word) => word.text === '--')
  if (dashes >= 0) return rest.slice(dashes + 1)
  const manager = MANAGERS[name]
  return manager?.optionsAnywhere === true ? parseOptions(rest, { options: manager.options, unlisted: 'switch' }).positionals : rest
}

export function wordsOf(words: readonly Template[]): readonly Word[] {
  return words.map((word) => ({
    text: fill(word.text, word),
    ...(maySpread(word) ? { spreads: true } : {}),
    shown: show(isLiteral(word.text) ? word.text : String(word.origin.line)),
  }))
}

/** `run-s a b`, `npm-run-all --parallel "serve:* -- --port 80"`: scripts of the package.json here, whose names may be patterns. */
export function scriptsOf(name: string, words: readonly Template[], state: State): CommandReading | undefined {
  if (!['npm-run-all', 'npm-run-all2', 'run-s', 'run-p'].includes(name)) return undefined
  const { positionals } = parseOptions(words, { options: { '--max-parallel': 'value', '--npm-path': 'value' }, unlisted: 'switch' })
  const readings = positionals
    .filter((word) => isLiteral(word.text))
    .map((word) => {
      const [script = '', ...given] = word.text.split(/\s+/).filter((part) => part !== '')
      const extra = wordsOf(
        extraOf(
          'npm',
          given.map((part) => cut(word, part)),
        ),
      )
      return done(state, name, { script: { name: script, directory: directoryIn(state.place), extra } })
    })
  const [first, ...also] = readings
  return first === undefined ? undefined : { ...first, also }
}
