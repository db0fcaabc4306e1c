import { type Command, Option } from 'commander'
import { format, port, seconds, withPolicy } from './options.ts'

/** `sallyport ports move`, below the command that lists the ports. */
export function addMove(ports: Command): void {
  withPolicy(ports.command('move').argument('<service>', 'a service of the policy').argument('<port>', 'its new port', port))
    .description('move a service to another port, everywhere its old one is named')
    .addOption(format('text', 'json'))
    .option('--folder <folder>', 'the folder of the deployment', '.')
    .addOption(new Option('--scope <scope>', 'whether the ports of this machine are looked at').choices(['folder', 'both']).default('both'))
    .option('--from <port>', 'the old port (default: as the policy says)', port)
    .option('--docs', 'comments and documentation too', false)
    .option('--force', 'also to a port that is taken, or that everybody tries', false)
    .option('--dry-run', 'show what would be done, and change nothing', false)
    .option('-y, --yes', 'do not ask', false)
    .option('--verify [url]', 'afterwards wait until the new address answers, and see that the old one is closed')
    .option('--wait <seconds>', 'how long to wait for it', seconds, 60)
    .option('--no-color', 'no colour (NO_COLOR is respected as well)')
    .action(async (service: string, number: number, options) => {
      process.exitCode = await (await import('../commands/move.ts')).move(service, number, options)
    })
}
