import { type Command, Option } from 'commander'
import { addMove } from './moving.ts'
import { format, looking, plain, scope } from './options.ts'

const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info', 'never'] as const

/** The commands that look and change nothing of what they look at. */
export function addLooking(root: Command): void {
  looking(root.command('check').argument('[folder]', 'the deployment to look at', '.'))
    .description('what can be reached, what should be, findings, score')
    .addOption(format('text', 'json', 'sarif', 'junit', 'markdown'))
    .addOption(new Option('--fail-on <severity>', 'exit 1 for findings at or above this').choices(SEVERITIES).default('high'))
    .option('--allow-unknown', 'exit 0, not 3, when only undecided verdicts remain')
    .option('--verbose', 'also what is closed, what was not seen, and every step of every path')
    .action(async (folder: string, options) => {
      process.exitCode = await (await import('../commands/check.ts')).check(folder, options)
    })
  looking(root.command('explain').argument('<subject>', 'a service, a container, a port, or address:port'))
    .description('the path of a packet, step by step; or what stops it')
    .addOption(format('text', 'json'))
    .option('--from <source>', 'who sends: internet, private, host, loopback, an address or prefix, or a name of the policy')
    .addOption(new Option('--protocol <protocol>', 'only this one').choices(['tcp', 'udp']))
    .option('--folder <folder>', 'the deployment to look at', '.')
    .action(async (subject: string, options) => {
      process.exitCode = await (await import('../commands/explain.ts')).explain(subject, options)
    })
  const ports = root.command('ports')
  looking(ports.argument('[folder]', 'the deployment to look at', '.'))
    .description('port levels, which ports are whose, and which are free')
    .addOption(format('text', 'json'))
    .action(async (folder: string, options) => {
      process.exitCode = await (await import('../commands/ports.ts')).ports(folder, options)
    })
  addMove(ports)
  plain(root.command('init').argument('[folder]', 'the deployment to look at', '.'))
    .description('write sallyport.yaml from what is seen')
    .addOption(scope())
    .option('--stdout', 'print the policy, and write nothing')
    .option('--force', 'replace a policy that is there')
    .action(async (folder: string, options) => {
      process.exitCode = await (await import('../commands/init.ts')).init(folder, options)
    })
  plain(root.command('capture'))
    .description('what this host shows of itself, in a file for --evidence and diff')
    .option('-o, --output <file>', 'write it there, for its owner only (default: stdout)')
    .option('--force', 'replace a file that is there', false)
    .action(async (options) => {
      process.exitCode = await (await import('../commands/capture.ts')).capture(options)
    })
  plain(root.command('diff').argument('<before>', 'a file of sallyport capture').argument('<after>', 'a later one'))
    .description('which packets are newly open or closed')
    .addOption(format('text', 'json'))
    .action(async (before: string, after: string, options) => {
      process.exitCode = await (await import('../commands/diff.ts')).diff(before, after, options)
    })
}
