import { type Command, Option } from 'commander'
import { format, plain, withPolicy } from './options.ts'

/** The commands that change files which a person wrote. */
export function addChanging(root: Command): void {
  withPolicy(root.command('fix').argument('[service]', 'only what concerns this service (default: everything)'))
    .description('repair code and configuration: shows the diff, asks, writes all of it or nothing')
    .option('--folder <folder>', 'the deployment', '.')
    .addOption(new Option('--scope <scope>', 'what is looked at').choices(['folder', 'both']).default('folder'))
    .option('--only <rules...>', 'only findings of these rules')
    .option('--dry-run', 'show what would be done, and write nothing', false)
    .option('-y, --yes', 'make every change that is shown, without asking', false)
    .addOption(format('text', 'json'))
    .option('--no-color', 'no colour (NO_COLOR is respected as well)')
    .action(async (service: string | undefined, options) => {
      process.exitCode = await (await import('../commands/fix.ts')).fix(service, options)
    })
  plain(root.command('undo'))
    .description('take the last change of a folder back')
    .option('--folder <folder>', 'the deployment', '.')
    .option('-y, --yes', 'without asking', false)
    .option('--no-color', 'no colour (NO_COLOR is respected as well)')
    .action(async (options) => {
      process.exitCode = await (await import('../commands/undo.ts')).undo(options)
    })
}
