import { type Command, Option } from 'commander'
import { format, looking } from './options.ts'

const PHASES = ['before', 'after', 'continuous', 'incident'] as const

/** The command that goes through a deployment's checklist. */
export function addChecklist(root: Command): void {
  looking(root.command('checklist').argument('[name]', 'engines, monitoring, voice, poker, telephony or common (default: those that fit)'))
    .description('a deployment’s checklists as pass, fail or by hand, with the evidence')
    .addOption(format('text', 'json', 'markdown'))
    .option('--folder <folder>', 'the deployment to look at', '.')
    .addOption(new Option('--phase <phase>', 'only the items of this phase').choices(PHASES))
    .addOption(new Option('--fail-on <what>', 'exit 1 when an item fails').choices(['fail', 'never']).default('fail'))
    .option('--allow-unknown', 'exit 0, not 3, when only undecided items remain', false)
    .action(async (name: string | undefined, options) => {
      process.exitCode = await (await import('../commands/checklist.ts')).checklist(name, options)
    })
}
