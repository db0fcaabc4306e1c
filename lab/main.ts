import { demo, introduction } from './demo.ts'
import { requirements } from './requirements.ts'
import { sweep, traces } from './traces.ts'

const USAGE = `npm run lab -- COMMAND
  shell [HOST]    a shell in a host of the demonstration lab: server (default) or neighbour
  clean           remove what labs of ended processes left behind
  list            show what labs have in place now
  requirements    say whether a lab can be built here
`

const COMMANDS: Readonly<Record<string, (args: readonly string[]) => number | Promise<number>>> = {
  shell: async ([name = 'server']) => {
    const state = await requirements()
    if (!state.ok) return refuse(state.missing)
    const lab = await demo()
    try {
      const host = Object.values(lab.hosts).find((each) => each.name === name)
      if (!host) {
        console.error(`no host '${name}'; there are ${Object.keys(lab.hosts).join(', ')}`)
        return 2
      }
      console.error(introduction(host))
      return await host.interactive([process.env['SHELL'] ?? '/bin/sh'])
    } finally {
      await lab.close()
    }
  },
  clean: () => {
    const removed = sweep()
    console.log(removed.length === 0 ? 'nothing to remove' : `removed:\n${removed.join('\n')}`)
    return 0
  },
  list: () => {
    console.log(traces().join('\n') || 'no lab')
    return 0
  },
  requirements: async () => {
    const state = await requirements()
    if (!state.ok) return refuse(state.missing)
    console.log('a lab can be built here')
    return 0
  },
}

function refuse(missing: readonly string[]): number {
  console.error(`no lab can be built here; missing: ${missing.join(', ')}`)
  return 2
}

const [command = '', ...args] = process.argv.slice(2)
const chosen = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
if (!chosen) process.stderr.write(USAGE)
process.exitCode = chosen ? await chosen(args) : 2
