import type { Options, Role } from './options.ts'

/** A program that starts another one, whose command follows its own words. A row of a table of facts; each is told by its own documentation. */
export interface Wrapper {
  readonly names: readonly string[]
  /** Its first word has to be one of these; otherwise it starts nothing of ours. */
  readonly subcommands?: readonly string[]
  /** Options with a value that stand before that word. */
  readonly valuedBefore?: readonly string[]
  /** That word is the program itself. */
  readonly keepsSubcommand?: true
  readonly options?: Options
  readonly unlisted?: 'value' | 'switch'
  /** `NAME=value` words before the command. */
  readonly assignments?: boolean
  /** A word that is not known, before the command, may be any number of such words: `env $(cat FILE) …`. */
  readonly spreads?: boolean
  /** Files of variables that it loads where no option names one. */
  readonly files?: readonly string[]
  /** What is set comes to the command only where an option keeps it. */
  readonly resets?: true
  /** A word `-` before the command drops what is set. */
  readonly dashClears?: true
  /** What they set holds over what is set already, unless an option says that it does not. */
  readonly filesWin?: true
  /** Words of its own before the command. */
  readonly skips?: number
  /** The command starts behind `--` only. */
  readonly behindDashes?: boolean
  /** Each word is a command of its own, read by a shell. */
  readonly commands?: boolean
  /** It sets variables that no file of the folder has; ends the sentence `HOST may be set …`. */
  readonly unseen?: string
  /** A word that is a Python file is run by Python. */
  readonly python?: boolean
}

function values(...names: readonly string[]): Options {
  return Object.fromEntries(names.map((name): [string, Role] => [name, 'value']))
}

/** su(1), runuser(1): a login shell has variables of its own, and keeps those that are named. */
const LOGIN: Options = {
  '-l': 'clear-environment',
  '--login': 'clear-environment',
  '-w': 'kept-variables',
  '--whitelist-environment': 'kept-variables',
  '-c': 'command',
  '--command': 'command',
}

export const WRAPPERS: readonly Wrapper[] = [
  {
    // sudoers(5), "Command environment": `env_reset` is on by default. `SETENV`, which `-E` and assignments need, goes with `ALL`.
    names: ['sudo'],
    options: {
      ...values('-u', '--user', '-g', '--group', '-h', '-p', '-C', '-r', '-t', '-T', '-U'),
      '-D': 'directory',
      '--chdir': 'directory',
      '-E': 'keeps-environment',
      '--preserve-env': 'keeps-environment',
    },
    resets: true,
    assignments: true,
  },
  // doas.conf(5): "The default is to reset the environment", unless a rule has `keepenv`.
  { names: ['doas'], options: values('-u', '-C'), resets: true },
  {
    names: ['env'],
    options: {
      '-i': 'clear-environment',
      '--ignore-environment': 'clear-environment',
      '-u': 'unset',
      '--unset': 'unset',
      '-C': 'directory',
      '--chdir': 'directory',
      '-S': 'command',
      '--split-string': 'command',
    },
    assignments: true,
    spreads: true,
    dashClears: true,
  },
  { names: ['exec'], options: values('-a') },
  {
    names: [
      'nohup',
      'setsid',
      'command',
      'builtin',
      'unbuffer',
      'catatonit',
      'with-contenv',
      'ddtrace-run',
      'caffeinate',
      'eatmydata',
      'chronic',
    ],
  },
  { names: ['time'], options: values('-f', '-o') },
  { names: ['nice', 'ionice'], options: values('-n', '-c', '--adjustment') },
  { names: ['stdbuf'], options: values('-i', '-o', '-e') },
  { names: ['timeout'], options: values('-k', '-s', '--signal', '--kill-after'), skips: 1 },
  { names: ['taskset'], options: {}, skips: 1 },
  { names: ['tini', 'docker-init'], options: values('-p', '-e') },
  { names: ['dumb-init'], options: values('-r', '--rewrite') },
  { names: ['gosu', 'su-exec', 's6-setuidgid', 'setuidgid'], skips: 1 },
  { names: ['chpst'], options: values('-u', '-U', '-e', '-/', '-C', '-n', '-m', '-o', '-p', '-f', '-c') },
  // learn.microsoft.com/windows/wsl/basic-commands: a Linux of its own, to which Windows hands only what `WSLENV` names.
  {
    names: ['wsl'],
    options: { ...values('-d', '--distribution', '-u', '--user', '--shell-type'), '--cd': 'directory' },
    resets: true,
  },
  { names: ['setpriv'], unlisted: 'switch', options: { ...values('--reuid', '--regid'), '--reset-env': 'clear-environment' } },
  { names: ['xvfb-run'], options: values('-s', '--server-args', '-n', '-e', '-f', '-w') },
  { names: ['systemd-cat'], options: values('-t', '-p') },
  { names: ['cross-env'], assignments: true, spreads: true },
  { names: ['cross-env-shell'], assignments: true, commands: true },
  {
    // python-dotenv 1, cli.py: the file goes before the word `run`, and what it sets over what is set.
    names: ['dotenv'],
    subcommands: ['run'],
    valuedBefore: ['-f', '--file', '-q', '--quote'],
    options: {
      '-f': 'environment-file',
      '--file': 'environment-file',
      ...values('-q', '--quote'),
      '--override': 'files-win',
      '--no-override': 'files-yield',
    },
    files: ['.env'],
    filesWin: true,
  },
  {
    // dotenv-cli 8, cli.js: `-c` takes `.env.NAME.local`, `.env.local`, `.env.NAME` and `.env`; `-v` wins over all files.
    names: ['dotenv'],
    options: {
      '-e': 'environment-file',
      '-v': 'assignment',
      '-c': 'environment-name',
      '-p': 'value',
      '-o': 'files-win',
      '--override': 'files-win',
    },
    files: ['.env'],
  },
  {
    names: ['dotenvx'],
    subcommands: ['run'],
    options: {
      '-f': 'environment-file',
      '--env-file': 'environment-file',
      '-e': 'assignment',
      '--env': 'assignment',
      '-o': 'files-win',
      '--overload': 'files-win',
    },
    files: ['.env'],
  },
  {
    // env-cmd 10, dist/env-cmd.js: the file's variables are put over those that are set.
    names: ['env-cmd'],
    options: {
      '-f': 'environment-file',
      '--file': 'environment-file',
      '-e': 'profiles',
      '--environments': 'profiles',
      '-r': 'profile-file',
      '--rc-file': 'profile-file',
      '--no-override': 'files-yield',
    },
    files: ['.env'],
    filesWin: true,
  },
  { names: ['direnv'], subcommands: ['exec'], skips: 1 },
  // docs.doppler.com/docs/cli: what the project holds becomes variables, over those that are set.
  {
    names: ['doppler'],
    subcommands: ['run'],
    options: { '--command': 'command', '--preserve-env': 'switch', '--watch': 'switch' },
    unlisted: 'value',
    behindDashes: true,
    unseen: 'by Doppler',
  },
  {
    names: ['infisical'],
    subcommands: ['run'],
    options: { '--command': 'command', '--watch': 'switch', '--recursive': 'switch' },
    unlisted: 'value',
    behindDashes: true,
    unseen: 'by Infisical',
  },
  { names: ['railway'], subcommands: ['run'], options: values('-s', '--service', '-e', '--environment'), unseen: 'by Railway' },
  // getsops.io/docs: exec-env FILE COMMAND
  { names: ['sops'], subcommands: ['exec-env'], skips: 1, commands: true, unseen: 'in a file that is encrypted' },
  { names: ['op'], subcommands: ['run'], options: { '--env-file': 'environment-file' }, behindDashes: true },
  { names: ['aws-vault'], subcommands: ['exec'], unlisted: 'value', behindDashes: true },
  { names: ['chamber'], subcommands: ['exec'], unlisted: 'value', behindDashes: true, unseen: 'by Chamber' },
  { names: ['poetry', 'pipenv', 'rye', 'pixi'], subcommands: ['run'], python: true },
  { names: ['pdm', 'hatch'], subcommands: ['run'], options: { ...values('-p', '--project'), '-e': 'value' }, python: true },
  {
    names: ['uv'],
    subcommands: ['run'],
    options: {
      ...values('--with', '--with-requirements', '--extra', '--group', '--python', '-p', '--package', '--project', '--index-url'),
      '--env-file': 'environment-file',
      '--directory': 'directory',
      '-m': 'module',
      '--module': 'module',
    },
    python: true,
  },
  { names: ['uvx', 'pipx'], options: values('--from', '--with', '--python', '-p') },
  {
    names: ['conda', 'mamba', 'micromamba'],
    subcommands: ['run'],
    options: { ...values('-n', '--name', '-p', '--prefix'), '--cwd': 'directory' },
  },
  { names: ['bundle', 'rbenv', 'asdf'], subcommands: ['exec'] },
  { names: ['mise'], subcommands: ['exec', 'x'], behindDashes: true },
  { names: ['volta'], subcommands: ['run'], options: values('--node', '--npm', '--yarn') },
  { names: ['fnm'], subcommands: ['exec'], options: values('--using'), behindDashes: true },
  { names: ['npx', 'bunx', 'pnpx'], options: { ...values('-p', '--package', '-w', '--workspace'), '-c': 'command', '--call': 'command' } },
  {
    names: ['npm'],
    subcommands: ['exec', 'x'],
    options: { ...values('-p', '--package', '-w', '--workspace'), '-c': 'command', '--call': 'command', '--prefix': 'directory' },
  },
  { names: ['pnpm', 'yarn'], subcommands: ['exec', 'dlx'], options: { ...values('-p', '--package'), '-c': 'switch' } },
  { names: ['bun'], subcommands: ['x'] },
  { names: ['yarn'], subcommands: ['node'], keepsSubcommand: true },
  {
    names: ['c8', 'nyc'],
    options: values(
      '-r',
      '--reporter',
      '-x',
      '--exclude',
      '-n',
      '--include',
      '-o',
      '--reports-dir',
      '--temp-directory',
      '--cwd',
      '--config',
      '-c',
    ),
  },
  { names: ['clinic'], subcommands: ['doctor', 'flame', 'bubbleprof', 'heapprofiler'], behindDashes: true },
  { names: ['0x'], options: values('-D', '--output-dir', '-F', '--output-html', '-P', '--on-port', '--title') },
  { names: ['py-spy'], subcommands: ['record', 'top'], behindDashes: true },
  {
    // What is built is run by a command of its own.
    names: ['tsup', 'tsdown', 'tsc-watch'],
    options: { '--onSuccess': 'command', '--on-success': 'command', '--onFirstSuccess': 'command', '--onEmit': 'command' },
    behindDashes: true,
  },
  { names: ['onchange'], behindDashes: true },
  { names: ['chokidar'], options: { '-c': 'command', '--command': 'command' }, behindDashes: true },
  { names: ['opentelemetry-instrument'], unlisted: 'value' },
  { names: ['newrelic-admin'], subcommands: ['run-program', 'run-python'] },
  {
    names: ['watchmedo'],
    subcommands: ['auto-restart', 'shell-command'],
    unlisted: 'value',
    options: { '-c': 'command', '--command': 'command', '-R': 'switch', '--recursive': 'switch' },
  },
  { names: ['watchexec'], options: values('-w', '--watch', '-e', '--exts', '-i', '--ignore', '-d', '--debounce', '-s', '--signal') },
  { names: ['watchfiles'], options: values('--filter', '--target-type', '--ignore-paths', '--args'), commands: true },
  {
    names: ['CompileDaemon'],
    options: { ...values('-build', '-directory', '-pattern', '-include'), '-command': 'command', '--command': 'command' },
  },
  { names: ['reflex'], options: values('-r', '-R', '-g', '-G', '-d'), behindDashes: true },
  { names: ['wait-for-it.sh', 'wait-for-it', 'wait-for', 'wait-for.sh', 'wait4x'], behindDashes: true },
  {
    names: ['dockerize'],
    options: values('-wait', '-timeout', '-wait-retry-interval', '-template', '-stdout', '-stderr', '-wait-http-header'),
  },
  {
    names: ['concurrently'],
    options: values(
      '-n',
      '--names',
      '-c',
      '--prefix-colors',
      '-p',
      '--prefix',
      '-m',
      '--max-processes',
      '--restart-tries',
      '-s',
      '--success',
      '--kill-signal',
      '--name-separator',
      '-l',
      '-t',
    ),
    commands: true,
  },
  { names: ['su'], options: { ...values('-s', '--shell', '-g', '-G'), ...LOGIN }, behindDashes: true, dashClears: true },
  { names: ['runuser'], options: { ...values('-u', '--user', '-g', '--group', '-G', '-s', '--shell'), ...LOGIN }, dashClears: true },
  {
    // systemd-run(1): what it starts is a service of the manager's, with its variables; only `--scope` keeps those of the caller.
    names: ['systemd-run'],
    options: {
      ...values('-u', '--unit', '--description', '--slice', '--uid', '--gid', '-H', '-M'),
      '-p': 'property',
      '--property': 'property',
      '-E': 'assignment',
      '--setenv': 'assignment',
      '--scope': 'keeps-environment',
      '--working-directory': 'directory',
    },
    resets: true,
  },
  { names: ['flock'], options: { ...values('-w', '--timeout', '-E'), '-c': 'command', '--command': 'command' }, skips: 1 },
  {
    names: ['tmux'],
    subcommands: [
      'new',
      'new-session',
      'neww',
      'new-window',
      'splitw',
      'split-window',
      'respawn-pane',
      'respawn-window',
      'send',
      'send-keys',
    ],
    options: values('-s', '-n', '-c', '-x', '-y', '-t', '-e', '-F', '-f', '-l'),
    commands: true,
  },
  { names: ['parallel'], options: values('-j', '--jobs', '-a'), commands: true },
  { names: ['screen'], options: { '-S': 'value', '-dmS': 'value', '-L': 'switch', '-Logfile': 'value', '-c': 'value' } },
]

const BY_NAME = new Map<string, Wrapper[]>()
for (const wrapper of WRAPPERS) for (const name of wrapper.names) BY_NAME.set(name, [...(BY_NAME.get(name) ?? []), wrapper])

/** The rows of a wrapper, by the last part of its path; tried in order. */
export function wrappersNamed(name: string): readonly Wrapper[] {
  return BY_NAME.get(name) ?? []
}
