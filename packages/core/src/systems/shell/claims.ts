import { type Evidence, type FirewallCommand, knownText, type Word } from '../../evidence/index.ts'
import type { Start, Starts } from '../starts/index.ts'
import { evidenceIn } from '../system.ts'
import { composeEvidence } from '../compose/command.ts'
import { containerClaims } from '../container-run/claims.ts'
import type { BuiltImages } from '../container-run/image.ts'
import { readUfw } from './ufw.ts'

/** Programs that change a packet filter. What `ufw` is told is understood; of the others it is said that they are called. */
const FIREWALL_TOOLS: ReadonlySet<string> = new Set([
  'ufw',
  'iptables',
  'ip6tables',
  'iptables-restore',
  'ip6tables-restore',
  'nft',
  'firewall-cmd',
  'netsh',
])

/** Options with a value of their own, of the programs that start another one. */
const VALUED: Readonly<Record<string, ReadonlySet<string>>> = {
  sudo: new Set(['-u', '-g', '-h', '-p', '-C', '-D', '-R', '-T', '-U', '--user', '--group', '--host', '--prompt', '--chdir']),
  doas: new Set(['-u', '-C']),
  nice: new Set(['-n']),
  timeout: new Set(['-k', '-s']),
  env: new Set(['-u', '-C']),
  command: new Set(),
  nohup: new Set(),
  time: new Set(),
  exec: new Set(['-a']),
}

/** What a command of a script does to the firewall or to containers; `undefined` where it is another kind of command. */
export function firewallOrContainer(start: Start, starts: Starts, images: BuiltImages): readonly Evidence[] | undefined {
  const words = withoutWrappers(start.words)
  const program = knownText(words[0]?.text)?.split('/').at(-1)
  const { context } = starts.snapshot
  if (program === undefined) return undefined
  if (FIREWALL_TOOLS.has(program)) {
    const base: FirewallCommand = { claim: 'firewall-command', tool: program, command: start.words }
    if (program !== 'ufw') return [evidenceIn(context, base, start.origin)]
    const { rules, problem } = readUfw(words.slice(1))
    if (rules.length === 0) return [evidenceIn(context, problem === undefined ? base : { ...base, problem }, start.origin)]
    return rules.map((rule) => evidenceIn(context, { ...base, rule }, start.origin))
  }
  return containerClaims(start, words, images, starts) ?? composeEvidence(start, words, starts)
}

function withoutWrappers(words: readonly Word[]): readonly Word[] {
  let index = 0
  for (;;) {
    const program = knownText(words[index]?.text)?.split('/').at(-1) ?? ''
    const valued = Object.hasOwn(VALUED, program) ? VALUED[program] : undefined
    if (valued === undefined) return words.slice(index)
    index++
    for (;;) {
      const word = knownText(words[index]?.text)
      if (
        word === undefined ||
        !(word.startsWith('-') || (program === 'env' && word.includes('=')) || (program === 'timeout' && /^\d/.test(word)))
      )
        break
      index += valued.has(word) ? 2 : 1
    }
  }
}
