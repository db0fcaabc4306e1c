import { type Command, InvalidArgumentError } from 'commander'
import { format, seconds, withPolicy } from './options.ts'

/** The commands that build, start, watch over and stop a deployment of PM2, compose or systemd. */
export function addLifecycle(root: Command): void {
  changing(ofDeployment(root, 'build', 'build what the deployment runs: images, and the build script of package.json')).action(
    async (names: string[], options) => {
      process.exitCode = await (await import('../commands/build.ts')).build(names, options)
    },
  )
  changing(ofDeployment(root, 'up', 'start the deployment in order, and wait until it is up'))
    .option('--timeout <seconds>', 'how long each wave may take to come up', seconds, 60)
    .option('--force', 'start although it would be open to more than the policy says, or its port is taken', false)
    .action(async (names: string[], options) => {
      process.exitCode = await (await import('../commands/up.ts')).up(names, options)
    })
  changing(ofDeployment(root, 'down', 'stop the deployment; its data stays')).action(async (names: string[], options) => {
    process.exitCode = await (await import('../commands/down.ts')).down(names, options)
  })
  ofDeployment(root, 'health', 'which services are up, and why the others are not')
    .addOption(format('text', 'json'))
    .action(async (names: string[], options) => {
      process.exitCode = await (await import('../commands/health.ts')).health(names, options)
    })
  ofDeployment(root, 'logs', 'what the services write; or who was refused, from all logs')
    .addOption(format('text', 'json'))
    .option('--security', 'refusals of the guard, sshd, nginx, fail2ban and the services, in one stream', false)
    .option('-f, --follow', 'and each line that comes', false)
    .option('--lines <number>', 'so many of the last lines', lines, 50)
    .option('--dry-run', 'print what would be run, and which files read, and show no log', false)
    .action(async (names: string[], options) => {
      process.exitCode = await (await import('../commands/logs.ts')).logs(names, options)
    })
}

function ofDeployment(root: Command, name: string, description: string): Command {
  return withPolicy(root.command(name).argument('[services...]', 'names of services (default: all)'))
    .description(description)
    .option('--folder <folder>', 'the deployment', '.')
    .option('--file <files...>', 'compose files, in place of the usual ones')
}

function changing(command: Command): Command {
  return command.option('--dry-run', 'print what would be run, and run nothing', false).option('-y, --yes', 'do not ask', false)
}

function lines(text: string): number {
  if (/^[0-9]{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('a number of lines is needed')
}
