import { type Command, Option } from 'commander'
import { seconds, withPolicy } from './options.ts'

/** The command that brings configuration into force on this host. */
export function addApplying(root: Command): void {
  withPolicy(root.command('apply').argument('[system]', 'what is brought into force: nftables, nginx, pm2, …'))
    .description('configuration onto this host; takes itself back unless confirmed')
    .option('--host <name>', 'which host of the policy this machine is')
    .option('--file <file>', 'a file of rules that you wrote, in place of the policy’s')
    .option('-y, --yes', 'do not ask', false)
    .option('--within <seconds>', 'how long you have to confirm', seconds, 60)
    .addOption(
      new Option('--keep <address:port...>', 'who must not be cut off, and the port here that they use (SSH sessions are seen)').default(
        [],
        'none',
      ),
    )
    .option('--cut-me-off', 'said twice: go on although that may lock you out', (_: string, told: number) => told + 1, 0)
    .option('--confirm', 'keep what was applied', false)
    .option('--revert', 'take back what was applied', false)
    .option('--status', 'what was applied, and what becomes of it', false)
    .action(async (system: string | undefined, options) => {
      process.exitCode = await (await import('../commands/apply.ts')).apply(system, options)
    })
}
