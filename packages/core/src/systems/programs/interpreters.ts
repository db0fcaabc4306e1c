import type { Options, Role } from './options.ts'

/** A program that runs a source file which its command line names. A row of a table of facts. */
export interface Interpreter {
  /** The whole last part of its path. */
  readonly name: RegExp
  readonly options: Options
  /** How the first argument of the file is counted by its language: `process.argv[2]`, `sys.argv[1]`. */
  readonly firstArgument: 1 | 2
  readonly language: 'javascript' | 'python' | 'shell' | 'other'
  /** Words that may stand before the file and change nothing (`tsx watch`, `deno run`). */
  readonly words?: readonly string[]
  /** The file has to follow one of `words`: other subcommands run nothing. */
  readonly needsWord?: boolean
  /** The words behind its options follow the command that an option of its own gives, as they do not with `sh -c`. */
  readonly appends?: true
}

function values(...names: readonly string[]): Options {
  return Object.fromEntries(names.map((name): [string, Role] => [name, 'value']))
}

function switches(...names: readonly string[]): Options {
  return Object.fromEntries(names.map((name): [string, Role] => [name, 'switch']))
}

export const NODE: Options = {
  ...values(
    '-r',
    '--require',
    '--import',
    '-C',
    '--conditions',
    '--loader',
    '--experimental-loader',
    '--title',
    '--watch-path',
    '--diagnostic-dir',
    '--icu-data-dir',
    '--openssl-config',
    '--redirect-warnings',
    '--input-type',
  ),
  '-e': 'value',
  '--eval': 'value',
  '-p': 'value',
  '--print': 'value',
  '--env-file': 'environment-file',
  '--env-file-if-exists': 'environment-file',
  '--inspect': 'inspect',
  '--inspect-brk': 'inspect',
  '--inspect-wait': 'inspect',
  '--inspect-port': 'inspect-address',
  '--debug-port': 'inspect-address',
  '--run': 'script',
}

export const INTERPRETERS: readonly Interpreter[] = [
  { name: /^node(?:js)?$/, options: NODE, firstArgument: 2, language: 'javascript' },
  {
    name: /^tsx$/,
    options: { ...NODE, ...values('--tsconfig', '--ignore', '--include', '--exclude') },
    firstArgument: 2,
    language: 'javascript',
    words: ['watch'],
  },
  {
    name: /^(?:ts-node(?:-esm|-dev|-script|-transpile-only)?|tsnd|esno|esr|swc-node|babel-node|node-dev|sucrase-node|jiti|bode)$/,
    options: {
      ...NODE,
      ...values(
        '-P',
        '--project',
        '-O',
        '--compiler-options',
        '-I',
        '--ignore',
        '-D',
        '--ignore-diagnostics',
        '--dir',
        '--ignore-watch',
        '--watch',
        '--debounce',
        '--interval',
        '-x',
        '--extensions',
        '--presets',
      ),
      '--cwd': 'directory',
    },
    firstArgument: 2,
    language: 'javascript',
  },
  {
    name: /^vite-node$/,
    options: { ...NODE, ...values('-c', '--config', '-m', '--mode', '--root', '--environment') },
    firstArgument: 2,
    language: 'javascript',
  },
  { name: /^electron(?:mon)?$/, options: NODE, firstArgument: 2, language: 'javascript' },
  {
    name: /^nodemon$/,
    options: {
      ...NODE,
      ...values('-w', '--watch', '-e', '--ext', '-i', '--ignore', '-d', '--delay', '--config', '-s', '--signal', '-c'),
      '-x': 'command',
      '--exec': 'command',
      '--cwd': 'directory',
    },
    firstArgument: 2,
    language: 'javascript',
    appends: true,
  },
  {
    name: /^(?:forever|supervisor)$/,
    options: values('-l', '-o', '-e', '-w', '--minUptime', '--spinSleepTime', '-c', '--uid', '-i', '--watchDirectory', '--sourceDir', '-x'),
    firstArgument: 2,
    language: 'javascript',
    words: ['start', 'restart'],
  },
  {
    name: /^bun$/,
    options: {
      ...values('-r', '--preload', '--tsconfig-override', '-c', '--config', '-d', '--define', '--port'),
      '--env-file': 'environment-file',
      '--cwd': 'directory',
      '--inspect': 'inspect',
      '-e': 'value',
      '--eval': 'value',
    },
    firstArgument: 2,
    language: 'javascript',
    words: ['run'],
  },
  {
    name: /^deno$/,
    options: {
      ...values('-c', '--config', '--import-map', '-L', '--log-level', '--lock', '--cert', '--location', '--seed'),
      '--env-file': 'environment-file',
      '--inspect': 'inspect',
    },
    firstArgument: 2,
    language: 'javascript',
    words: ['run'],
    needsWord: true,
  },
  {
    name: /^(?:python|pypy|py)w?(?:[23](?:\.\d+)?)?$/,
    options: { ...values('-W', '-X', '-c'), ...switches('-u', '-O', '-B', '-E', '-s', '-S', '-I', '-b', '-q', '-v', '-x'), '-m': 'module' },
    firstArgument: 1,
    language: 'python',
  },
  {
    name: /^coverage$/,
    options: { ...values('--source', '--omit', '--include', '--rcfile', '--data-file', '--concurrency'), '-m': 'module' },
    firstArgument: 1,
    language: 'python',
    words: ['run'],
    needsWord: true,
  },
  {
    // Profilers, and what reloads code.
    name: /^(?:jurigged|pyinstrument|scalene|viztracer)$/,
    options: { ...values('-o', '--outfile', '--output_file', '-r', '--renderer', '-w', '--watch'), '-m': 'module' },
    firstArgument: 1,
    language: 'python',
  },
  {
    name: /^debugpy$/,
    options: { ...values('--connect', '--log-to'), '--listen': 'endpoint', '-m': 'module', '-c': 'value' },
    firstArgument: 1,
    language: 'python',
  },
  {
    name: /^(?:ba|da|a|k|z)?sh$/,
    options: {
      '-c': 'command',
      ...switches('-l', '-e', '-x', '-u', '-i', '-a', '-v'),
      '-o': 'value',
      '-O': 'value',
      '--rcfile': 'value',
      '--init-file': 'value',
    },
    firstArgument: 1,
    language: 'shell',
  },
  {
    // about_Pwsh; its names of options may be shortened, and are written in any case.
    name: /^(?:powershell|pwsh)(?:-preview)?$/i,
    options: {
      ...values(
        ...['-ExecutionPolicy', '-executionpolicy', '-ep', '-ex', '-Version', '-version', '-WindowStyle', '-windowstyle', '-w'],
        ...[
          '-InputFormat',
          '-OutputFormat',
          '-ConfigurationName',
          '-SettingsFile',
          '-Command',
          '-command',
          '-c',
          '-EncodedCommand',
          '-e',
          '-ec',
        ],
      ),
      '-WorkingDirectory': 'directory',
      '-wd': 'directory',
      ...switches('-File', '-file', '-f', '-F', '-NoProfile', '-noprofile', '-nop', '-NoLogo', '-nologo', '-NoExit', '-noexit'),
      ...switches('-NonInteractive', '-noninteractive', '-noni', '-Interactive', '-Login', '-Sta', '-sta', '-Mta'),
    },
    firstArgument: 1,
    language: 'other',
  },
  {
    name: /^(?:ruby|perl|php(?:[5-8](?:\.\d)?)?|lua|Rscript)$/,
    options: values('-I', '-r', '-d', '-c'),
    firstArgument: 1,
    language: 'other',
  },
]

export function interpreterNamed(name: string): Interpreter | undefined {
  return INTERPRETERS.find((interpreter) => interpreter.name.test(name))
}

/** The address that a debugger listens on when its option says nothing. */
export const DEBUGGERS = {
  javascript: { program: 'node-inspector', host: '127.0.0.1', port: 9229, source: 'nodejs.org/api/cli.html: --inspect[=[host:]port]' },
  python: { program: 'debugpy', host: '127.0.0.1', port: 5678, source: 'debugpy, src/debugpy/server/cli.py: --listen [host:]port' },
} as const

/** Modules that are preloaded to read a `.env` file, and those that read the files of a mode. */
export const DOTENV_MODULES: ReadonlySet<string> = new Set([
  'dotenv/config',
  'dotenv/config.js',
  'dotenv-safe/config',
  'dotenv-safe/config.js',
  '@dotenvx/dotenvx/config',
])
export const FLOW_MODULES: ReadonlySet<string> = new Set(['dotenv-flow/config', 'dotenv-flow/config.js'])
