import { type Command, InvalidArgumentError, Option } from 'commander'
import { format, plain, withPolicy } from './options.ts'

/** The commands that look after secrets. */
export function addKeeping(root: Command): void {
  const keys = plain(root.command('keys')).description('the deployment’s own keys: make, rotate and check them')
  file(withPolicy(keys.command('generate').argument('[names...]', 'keys to make (default: all of the deployment’s own)')))
    .description('give keys random values in .env, where they have none that is real')
    .option('--example <file>', 'what shows which variables there are, in the folder', '.env.example')
    .option('-y, --yes', 'do not ask', false)
    .action(async (names: string[], options) => {
      process.exitCode = await (await import('../commands/keys.ts')).generate(names, options)
    })
  file(
    plain(
      keys
        .command('rotate')
        .argument('[names...]', 'keys to rotate (default: all of the deployment’s own, but those that stored data is read with)'),
    ),
  )
    .description('new keys in place of old ones, which are kept for a while beside them')
    .addOption(
      new Option('--overlap <time>', 'how long servers are to take the old ones too: 30m, 24h, 7d')
        .argParser(duration)
        .default(24 * 3_600_000, '24h'),
    )
    .option('--incident', 'no overlap: the old ones are not kept', false)
    .option('--finish', 'end the overlap: take the old ones out', false)
    .option('-y, --yes', 'do not ask', false)
    .action(async (names: string[], options) => {
      process.exitCode = await (await import('../commands/keys.ts')).rotate(names, options)
    })
  file(withPolicy(keys.command('check')))
    .description('missing, placeholder, weak, repeated and committed secrets, also in git’s history')
    .option('--example <file>', 'what shows which variables there are, in the folder', '.env.example')
    .addOption(format('text', 'json'))
    .action(async (options) => {
      process.exitCode = await (await import('../commands/keys-check.ts')).check(options)
    })
}

function file(command: Command): Command {
  return command
    .option('--folder <folder>', 'the folder of the deployment', '.')
    .addOption(new Option('--file <file>', 'the file of variables, in the folder').default('.env'))
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds, up to a year. */
function duration(text: string): number {
  const [, count, unit = ''] = /^([0-9]{1,5})([mhd])$/.exec(text) ?? []
  const time = Number(count) * (UNITS[unit] ?? 0)
  if (count !== undefined && time > 0 && time <= 366 * 86_400_000) return time
  throw new InvalidArgumentError('write 30m, 24h or 7d, up to a year')
}
