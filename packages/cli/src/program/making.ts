import { type Command, Option } from 'commander'
import { withPolicy } from './options.ts'

/** The commands that make configuration from the policy. */
export function addMaking(root: Command): void {
  withPolicy(
    root
      .command('render')
      .argument('[system]', 'for what (default: says what there is)')
      .argument('[service]', 'a service of the policy (default: all that the system has a part in)'),
  )
    .description('configuration from the policy')
    .option('--host <name>', 'for this host of the policy alone')
    .addOption(
      new Option('--link <network>', 'a network that the host is on, for `private` (may be there several times)')
        .argParser(several)
        .default([], 'none'),
    )
    .option('-o, --output <folder>', 'write the files below this folder, each at its path')
    .option('--force', 'replace files that are there', false)
    .option('--there <file>', 'plan the way from what is there, as this file describes it (aws-cli)')
    .option('--seen', 'draw what this machine and the folder show, not what the policy says (diagram, mermaid)', false)
    .option('--check', 'tell in what the files that are there differ, and write nothing', false)
    .action(async (system: string | undefined, service: string | undefined, options) => {
      process.exitCode = await (await import('../commands/render.ts')).render(system, service, options)
    })
}

function several(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}
