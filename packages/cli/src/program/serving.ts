import { type Command, Option } from 'commander'
import { format, plain, port, seconds, withPolicy } from './options.ts'

/** The commands that act on a running server. */
export function addServing(root: Command): void {
  // From the program's name on every word is the program's own, with -- and without.
  withPolicy(root.command('run').argument('<command...>', 'the program and its words, after --').passThroughOptions())
    .description('start a server so that it cannot listen where it should not')
    .option('--service <name>', 'which service of the policy the command is')
    .addOption(new Option('--on-exposed <action>', 'what is done when it listens too widely').choices(['stop', 'report']).default('stop'))
    .option('--grace <seconds>', 'how long it may take to end before it is killed', seconds, 5)
    .option('--log <file>', 'where incidents are recorded', 'logs/security.log')
    .option('--no-preload', 'do not load the guard into Node')
    .action(async (command: string[], options) => {
      process.exitCode = await (await import('../commands/run.ts')).run(command, options)
    })
  withPolicy(
    root
      .command('tunnel')
      .argument('<service>', 'a service of the policy, or a port')
      .argument('<host>', 'user@host, or a host of the policy'),
  )
    .description('the SSH tunnel to a service that only its own machine reaches')
    .option('--local-port <port>', 'the port on this machine (default: the same)', port)
    .option('--open', 'run it, too', false)
    .action(async (service: string, host: string, options) => {
      process.exitCode = await (await import('../commands/tunnel.ts')).tunnel(service, host, options)
    })
  withPolicy(root.command('verify').argument('<url>', 'where the server answers: http://localhost:8000/'))
    .description('the outside checks against a live server')
    .addOption(format('text', 'json'))
    .option('--websocket <path>', 'where it speaks WebSocket')
    .option('--allow-unknown', 'exit 0, not 3, when only undecided checks remain', false)
    .action(async (url: string, options) => {
      process.exitCode = await (await import('../commands/verify.ts')).verify(url, options)
    })
  plain(root.command('log').argument('[file]', 'the security log (default: logs/security.log)'))
    .description('who was refused, when, what, how often')
    .addOption(format('text', 'json'))
    .option('--since <time>', 'nothing older: 30m, 12h, 7d, or a time as 2026-01-31T08:00:00Z')
    .action(async (file: string | undefined, options) => {
      process.exitCode = (await import('../commands/log.ts')).log(file, options)
    })
}
