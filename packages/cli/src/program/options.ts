import { type Command, InvalidArgumentError, Option } from 'commander'

/** What every command that looks with a policy has in common. */
export function looking(command: Command): Command {
  return withPolicy(command)
    .addOption(scope())
    .option('--evidence <files...>', 'look at what sallyport capture wrote of a host, in place of this machine')
    .option('--no-color', 'no colour (NO_COLOR is respected as well)')
    .hook('preAction', (_, asked) => {
      // Whatever folder one stands in when a host is looked at from elsewhere is not deployed there, unless that is said.
      if (asked.getOptionValue('evidence') !== undefined && asked.getOptionValueSource('scope') === 'default')
        asked.setOptionValue('scope', 'host')
    })
}

/** What every command that takes the policy has in common. */
export function withPolicy(command: Command): Command {
  return plain(command)
    .option('-p, --policy <file>', 'the policy file (default: sallyport.yaml or sallyport.yml in the folder, if one is there)')
    .option('-e, --environment <name>', 'which of the policy’s environments holds (or SALLYPORT_ENV)')
}

/** exitOverride is not inherited by commands made before it was set, so it is set on each. What each takes, its own help says. */
export function plain(command: Command): Command {
  const group = command.parent?.parent === null || command.parent === null ? '' : `${command.parent.name()} `
  return command.exitOverride().showHelpAfterError(`(sallyport ${group}${command.name()} --help lists its options)`)
}

export function scope(): Option {
  return new Option('--scope <scope>', 'what is looked at').choices(['folder', 'host', 'both']).default('both')
}

export function format(...formats: readonly string[]): Option {
  return new Option('--format <format>', 'how the answer is written').choices(formats).default('text')
}

export function port(text: string): number {
  const value = Number(text)
  if (/^[0-9]{1,5}$/.test(text) && value >= 1 && value <= 65535) return value
  throw new InvalidArgumentError('a port is a number from 1 to 65535')
}

export function seconds(text: string): number {
  const value = Number(text)
  if (/^[0-9]+(?:\.[0-9]+)?$/.test(text) && value <= 3600) return value
  throw new InvalidArgumentError('a number of seconds up to 3600 is needed')
}
