import { knownText, type Word } from '../../evidence/index.ts'
import { directoryOf, nameOf } from '../paths.ts'
import type { ShellCommand } from '../shell/command.ts'
import { withoutSudo } from '../shell/fed.ts'

interface ServiceRow {
  readonly units: readonly string[]
  readonly program: string
  /** What stands before the configuration on the command line. */
  readonly option?: string
  readonly configuration: readonly string[]
}

/** Services of a system whose program reads its configuration from a known place, by the names of their units. */
const SERVICES: readonly ServiceRow[] = [
  // The units of Debian's redis-server and Fedora's redis name the file in ExecStart.
  { units: ['redis-server', 'redis'], program: 'redis-server', configuration: ['/etc/redis/redis.conf', '/etc/redis.conf'] },
  { units: ['redis-sentinel'], program: 'redis-sentinel', configuration: ['/etc/redis/sentinel.conf'] },
  { units: ['valkey-server', 'valkey'], program: 'valkey-server', configuration: ['/etc/valkey/valkey.conf'] },
  // mongodb.com/docs/manual/reference/configuration-options: mongod.service has --config /etc/mongod.conf.
  { units: ['mongod'], program: 'mongod', option: '--config', configuration: ['/etc/mongod.conf'] },
]

type Find = (path: string, command: ShellCommand) => string | undefined

/**
 * What `systemctl enable --now redis-server` starts, as commands, where the same script puts the configuration in its place or changes it: with
 * the file that it copies there, or else with one that is not known. `find`: the file of the folder that a word names.
 */
export function servicesStarted(command: ShellCommand, commands: readonly ShellCommand[], find: Find): readonly (readonly Word[])[] {
  if (!/^(?:systemctl|service|sudo)$/.test(command.program ?? '')) return []
  const units = unitsStarted(bare(command))
  return SERVICES.flatMap(({ units: names, program, option }): readonly (readonly Word[])[] => {
    const unit = units.find((word) => names.includes((knownText(word?.text) ?? '').replace(/\.service$/, '')))
    const file = unit === undefined ? undefined : configurations(commands, find).get(program)
    return unit === undefined || file === undefined
      ? []
      : [[program, ...(option === undefined ? [] : [option])].map((text) => named(unit, text)).concat(file)]
  })
}

const CONFIGURATIONS = new WeakMap<readonly ShellCommand[], ReadonlyMap<string, Word>>()

/** By their programs, the configurations that a script leaves in their places; looked for once. */
function configurations(commands: readonly ShellCommand[], find: Find): ReadonlyMap<string, Word> {
  const before = CONFIGURATIONS.get(commands)
  if (before !== undefined) return before
  const found = new Map<string, Word>()
  for (const command of commands) {
    if (command.program !== 'sudo' && !CHANGES.has(nameOf(command.program ?? ''))) continue
    for (const { program, configuration } of SERVICES)
      for (const word of putInPlace(bare(command), configuration, (path) => find(path, command))) found.set(program, word)
  }
  CONFIGURATIONS.set(commands, found)
  return found
}

/** A command without `sudo`. */
function bare({ words }: ShellCommand): readonly Word[] {
  return words.slice(words.length - withoutSudo(words.map(({ text }) => text)).length)
}

const STARTS = /^(?:enable|start|restart|reload|reload-or-restart|try-restart)$/

/** `systemctl ACTION UNIT…`, `service UNIT ACTION`. */
function unitsStarted([program, ...rest]: readonly Word[]): readonly Word[] {
  const words = rest.filter((word) => knownText(word?.text)?.startsWith('-') !== true)
  const [first, second] = words
  if (knownText(program?.text) === 'systemctl') return STARTS.test(knownText(first?.text) ?? '') ? words.slice(1) : []
  return knownText(program?.text) === 'service' && first !== undefined && STARTS.test(knownText(second?.text) ?? '') ? [first] : []
}

const COPIES: ReadonlySet<string> = new Set(['cp', 'mv', 'ln', 'install'])
const CHANGES: ReadonlySet<string> = new Set([...COPIES, 'sed', 'perl', 'tee', 'curl', 'wget'])

/** The configuration that a command leaves in one of these places, as a word: the path of a file of the folder, or the place itself. */
function putInPlace(
  [program, ...words]: readonly Word[],
  places: readonly string[],
  found: (path: string) => string | undefined,
): readonly Word[] {
  const name = nameOf(knownText(program?.text) ?? '')
  if (!CHANGES.has(name)) return []
  const target = words.findLast((word) => knownText(word?.text)?.startsWith('-') !== true)
  const source = COPIES.has(name) ? words.findLast((word) => word !== target && knownText(word?.text)?.startsWith('-') !== true) : undefined
  const path = knownText(target?.text) ?? ''
  const place = places.find(
    (one) => path === one || (path.replace(/\/$/, '') === directoryOf(one) && nameOf(knownText(source?.text) ?? '') === nameOf(one)),
  )
  if (place === undefined || target === undefined) return []
  const file = source === undefined ? undefined : found(knownText(source?.text) ?? '')
  return [named(target, file ?? place)]
}

function named(word: Word, value: string): Word {
  return word.text.kind === 'absent' ? word : { text: { kind: 'known', value, origin: word.text.origin }, shown: word.shown }
}
