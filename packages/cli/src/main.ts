import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { EXIT } from './exit.ts'
import { Failure, showLines } from './failure.ts'
import { VERSION } from './version.ts'

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info', 'never'] as const

function program(): Command {
  const root = new Command('sallyport')
    .description('Every way in is one you meant: sees, computes, compares and explains who can reach what.')
    .version(VERSION, '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .showHelpAfterError('(sallyport --help lists the commands)')
    .exitOverride()
    // What was typed wrongly is said again by commander: it may hold a secret, or move the terminal's cursor.
    .configureOutput({ writeErr: (text) => process.stderr.write(showLines(text)) })
  looking(root.command('check').argument('[folder]', 'the deployment to look at', '.'))
    .description('what can be reached, what should be, findings, score')
    .addOption(format('text', 'json', 'sarif', 'junit', 'markdown'))
    .addOption(new Option('--fail-on <severity>', 'exit 1 for findings at or above this').choices(SEVERITIES).default('high'))
    .option('--allow-unknown', 'exit 0, not 3, when only undecided verdicts remain')
    .option('--verbose', 'also what is closed, what was not seen, and every step of every path')
    .action(async (folder: string, options) => {
      process.exitCode = await (await import('./commands/check.ts')).check(folder, options)
    })
  looking(root.command('explain').argument('<subject>', 'a service, a container, a port, or address:port'))
    .description('the path of a packet, step by step; or what stops it')
    .addOption(format('text', 'json'))
    .option('--from <source>', 'who sends: internet, private, host, loopback, an address or prefix, or a name of the policy')
    .addOption(new Option('--protocol <protocol>', 'only this one').choices(['tcp', 'udp']))
    .option('--folder <folder>', 'the deployment to look at', '.')
    .action(async (subject: string, options) => {
      process.exitCode = await (await import('./commands/explain.ts')).explain(subject, options)
    })
  looking(root.command('ports').argument('[folder]', 'the deployment to look at', '.'))
    .description('port levels, which ports are whose, and which are free')
    .addOption(format('text', 'json'))
    .action(async (folder: string, options) => {
      process.exitCode = await (await import('./commands/ports.ts')).ports(folder, options)
    })
  plain(root.command('init').argument('[folder]', 'the deployment to look at', '.'))
    .description('write sallyport.yaml from what is seen')
    // The nearest word to a wrong one must not be the one that takes a policy away.
    .showSuggestionAfterError(false)
    .addOption(scope())
    .option('--stdout', 'print the policy, and write nothing')
    .option('--force', 'replace a policy that is there')
    .action(async (folder: string, options) => {
      process.exitCode = await (await import('./commands/init.ts')).init(folder, options)
    })
  plain(root.command('capture'))
    .description('what this host shows of itself, in a file for --evidence and diff')
    .option('-o, --output <file>', 'write it there, for its owner only (default: stdout)')
    .option('--force', 'replace a file that is there', false)
    .action(async (options) => {
      process.exitCode = await (await import('./commands/capture.ts')).capture(options)
    })
  plain(root.command('diff').argument('<before>', 'a file of sallyport capture').argument('<after>', 'a later one'))
    .description('which packets are newly open or closed')
    .addOption(format('text', 'json'))
    .action(async (before: string, after: string, options) => {
      process.exitCode = await (await import('./commands/diff.ts')).diff(before, after, options)
    })
  // For `run`, whose command has options of its own.
  root.enablePositionalOptions()
  watching(root)
  return root
}

/** The commands that act on a running server. */
function watching(root: Command): void {
  // From the program's name on every word is the program's own, with -- and without.
  plain(root.command('run').argument('<command...>', 'the program and its words, after --').passThroughOptions())
    .description('start a server so that it cannot listen where it should not')
    .option('-p, --policy <file>', 'the policy file (default: sallyport.yaml in the folder, if it is there)')
    .option('-e, --environment <name>', 'which of the policy’s environments holds (or SALLYPORT_ENV)')
    .option('--service <name>', 'which service of the policy the command is')
    .addOption(new Option('--on-exposed <action>', 'what is done when it listens too widely').choices(['stop', 'report']).default('stop'))
    .option('--grace <seconds>', 'how long it may take to end before it is killed', seconds, 5)
    .option('--log <file>', 'where incidents are recorded', 'logs/security.log')
    .option('--no-preload', 'do not load the guard into Node')
    .action(async (command: string[], options) => {
      process.exitCode = await (await import('./commands/run.ts')).run(command, options)
    })
  plain(
    root
      .command('tunnel')
      .argument('<service>', 'a service of the policy, or a port')
      .argument('<host>', 'user@host, or a host of the policy'),
  )
    .description('the SSH tunnel to a service that only its own machine reaches')
    .option('-p, --policy <file>', 'the policy file (default: sallyport.yaml in the folder, if it is there)')
    .option('-e, --environment <name>', 'which of the policy’s environments holds (or SALLYPORT_ENV)')
    .option('--local-port <port>', 'the port on this machine (default: the same)', port)
    .option('--open', 'run it, too', false)
    .action(async (service: string, host: string, options) => {
      process.exitCode = await (await import('./commands/tunnel.ts')).tunnel(service, host, options)
    })
  plain(root.command('verify').argument('<url>', 'where the server answers: http://localhost:8000/'))
    .description('the outside checks against a live server')
    .addOption(format('text', 'json'))
    .option('--websocket <path>', 'where it speaks WebSocket')
    .option('--allow-unknown', 'exit 0, not 3, when only undecided checks remain', false)
    .action(async (url: string, options) => {
      process.exitCode = await (await import('./commands/verify.ts')).verify(url, options)
    })
  plain(root.command('log').argument('[file]', 'the security log (default: logs/security.log)'))
    .description('who was refused, when, what, how often')
    .addOption(format('text', 'json'))
    .option('--since <time>', 'nothing older: 30m, 12h, 7d, or a time as 2026-01-31T08:00:00Z')
    .action(async (file: string | undefined, options) => {
      process.exitCode = (await import('./commands/log.ts')).log(file, options)
    })
  plain(
    root
      .command('render')
      .addArgument(new Argument('<system>', 'for what').choices(['guard']))
      .argument('<service>', 'a service of the policy'),
  )
    .description('configuration from the policy')
    .option('-p, --policy <file>', 'the policy file (default: sallyport.yaml in the folder)')
    .option('-e, --environment <name>', 'which of the policy’s environments holds (or SALLYPORT_ENV)')
    .action(async (system: 'guard', service: string, options) => {
      process.exitCode = await (await import('./commands/render.ts')).render(system, service, options)
    })
}

function port(text: string): number {
  const value = Number(text)
  if (/^[0-9]{1,5}$/.test(text) && value >= 1 && value <= 65535) return value
  throw new InvalidArgumentError('a port is a number from 1 to 65535')
}

function seconds(text: string): number {
  const value = Number(text)
  if (/^[0-9]+(?:\.[0-9]+)?$/.test(text) && value <= 3600) return value
  throw new InvalidArgumentError('a number of seconds up to 3600 is needed')
}

/** What every command that looks with a policy has in common. */
function looking(command: Command): Command {
  return plain(command)
    .option('-p, --policy <file>', 'the policy file (default: sallyport.yaml in the folder, if it is there)')
    .addOption(scope())
    .option('--evidence <files...>', 'look at what sallyport capture wrote of a host, in place of this machine')
    .option('-e, --environment <name>', 'which of the policy’s environments holds (or SALLYPORT_ENV)')
    .option('--no-color', 'no colour (NO_COLOR is respected as well)')
    .hook('preAction', (_, asked) => {
      // Whatever folder one stands in when a host is looked at from elsewhere is not deployed there, unless that is said.
      if (asked.getOptionValue('evidence') !== undefined && asked.getOptionValueSource('scope') === 'default')
        asked.setOptionValue('scope', 'host')
    })
}

/** exitOverride is not inherited by commands made before it was set, so it is set on each. What each takes, its own help says. */
function plain(command: Command): Command {
  return command.exitOverride().showHelpAfterError(`(sallyport ${command.name()} --help lists its options)`)
}

function scope(): Option {
  return new Option('--scope <scope>', 'what is looked at').choices(['folder', 'host', 'both']).default('both')
}

function format(...formats: readonly string[]): Option {
  return new Option('--format <format>', 'how the answer is written').choices(formats).default('text')
}

/** An answer that is not whole is none. Whoever reads a part only (`| head`) has closed the pipe and needs no word. */
function unwritten(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE')
    process.stderr.write(new Failure(`the answer could not be written: ${error.message}`, 'make room for it, or write it elsewhere').text)
  process.exit(EXIT.failed)
}

async function main(): Promise<void> {
  process.stdout.once('error', unwritten)
  process.stderr.once('error', () => process.exit(EXIT.failed))
  try {
    await program().parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.clean : EXIT.failed
      return
    }
    process.exitCode = EXIT.failed
    process.stderr.write((error instanceof Failure ? error : (refused(error) ?? internal(error))).text)
    if (process.env['SALLYPORT_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${showLines(error.stack ?? '')}\n`)
  }
}

/** The system's own refusals, of a folder that this user may not look into. */
function refused(error: unknown): Failure | undefined {
  const { code, message, path } = error as NodeJS.ErrnoException
  const isRefusal = code === 'EACCES' || code === 'EPERM'
  return isRefusal
    ? new Failure(path === undefined ? message : `this user may not look at ${path}`, 'run it as a user who may, or name another folder')
    : undefined
}

/** A mistake of ours: its stack is for the report of it, not for the user's screen. */
function internal(error: unknown): Failure {
  return new Failure(
    `internal error: ${error instanceof Error ? error.message : String(error)}`,
    'please report it, with the output of the same command under SALLYPORT_DEBUG=1',
  )
}

void main()
