import { Command, CommanderError, Option } from 'commander'
import { EXIT } from './exit.ts'
import { Failure } from './failure.ts'
import { VERSION } from './version.ts'

const FORMATS = ['text', 'json', 'sarif'] as const
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info', 'never'] as const

function program(): Command {
  const root = new Command('sallyport')
    .description('Every way in is one you meant: sees, computes, compares and explains who can reach what.')
    .version(VERSION, '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .showHelpAfterError('(sallyport --help lists the commands and their options)')
    .exitOverride()
  looking(root.command('check').argument('[folder]', 'the deployment to look at', '.'))
    .description('what can be reached, what should be, findings, score')
    .addOption(new Option('--scope <scope>', 'what is looked at').choices(['folder', 'host', 'both']).default('both'))
    .addOption(new Option('--fail-on <severity>', 'exit 1 for findings at or above this').choices(SEVERITIES).default('high'))
    .option('--allow-unknown', 'exit 0, not 3, when only undecided verdicts remain', false)
    .option('--verbose', 'also what is closed, what was not seen, and every step of every path', false)
    .action(async (folder: string, options) => {
      process.exitCode = await (await import('./commands/check.ts')).check(folder, options)
    })
  looking(root.command('explain').argument('<subject>', 'a service, a port, or address:port'))
    .description('the path of a packet, step by step; or what stops it')
    .option('--from <source>', 'internet, private, host, or an address')
    .addOption(new Option('--protocol <protocol>', 'only this one').choices(['tcp', 'udp']))
    .option('--folder <folder>', 'the deployment to look at', '.')
    .action(async (subject: string, options) => {
      process.exitCode = await (await import('./commands/explain.ts')).explain(subject, { ...options, scope: 'both' })
    })
  looking(root.command('ports').argument('[folder]', 'the deployment to look at', '.'))
    .description('port levels, and which ports are in use by whom')
    .action(async (folder: string, options) => {
      process.exitCode = await (await import('./commands/ports.ts')).ports(folder, { ...options, scope: 'both' })
    })
  looking(root.command('init').argument('[folder]', 'the deployment to look at', '.'))
    .description('write sallyport.yaml from what is seen')
    .option('--stdout', 'print the policy, and write nothing', false)
    .option('--force', 'replace a policy that is there', false)
    .action(async (folder: string, options) => {
      process.exitCode = await (await import('./commands/init.ts')).init(folder, { ...options, scope: 'both' })
    })
  return root
}

/** What every command that looks has in common. exitOverride is not inherited by commands made before it was set, so it is set on each. */
function looking(command: Command): Command {
  return command
    .exitOverride()
    .option('-p, --policy <file>', 'the policy file (default: sallyport.yaml in the folder, if it is there)')
    .option('-e, --environment <name>', 'which of the policy’s environments holds (or SALLYPORT_ENV)')
    .addOption(new Option('--format <format>', 'how the answer is written').choices(FORMATS).default('text'))
    .option('--no-color', 'no colour (NO_COLOR is respected as well)')
}

async function main(): Promise<void> {
  try {
    await program().parseAsync()
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.clean : EXIT.failed
      return
    }
    process.exitCode = EXIT.failed
    if (error instanceof Failure) process.stderr.write(`sallyport: ${error.message}\n  ${error.next}\n`)
    // A mistake of ours: its stack is for the report of it, not for the user's screen.
    else
      process.stderr.write(
        `sallyport: internal error: ${error instanceof Error ? error.message : String(error)}\n  please report it, with the output of the same command under SALLYPORT_DEBUG=1\n`,
      )
    if (process.env['SALLYPORT_DEBUG'] === '1' && error instanceof Error) process.stderr.write(`${error.stack}\n`)
  }
}

void main()
