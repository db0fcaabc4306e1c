import {
  ABSENT,
  type CommandBind,
  type Evidence,
  type FileOrigin,
  type Launch,
  type Setting,
  type Text,
  type Value,
  type Word,
  unseenFile,
} from '../../evidence/index.ts'
import { filesNamed, isOfTheMachine } from '../deployed.ts'
import { parseEnvironment } from '../dotenv/parse.ts'
import { type Passage, partOf } from '../passage.ts'
import { directoryOf, inFolder, joinPath, nameOf } from '../paths.ts'
import { setting, wordsOf } from '../secret.ts'
import { innerScript } from '../shell/inner.ts'
import { launchesOf, mainStarts } from '../launches.ts'
import { type Start, type StartContext, Starts } from '../starts/index.ts'
import { evidenceIn, type Reader, type Snapshot } from '../system.ts'
import { parseUnit, type UnitSetting } from './unit.ts'
import { type Lookup, type Specifiers, substituted, type UnitWord, unitWords, withSpecifiers } from './words.ts'

/** A setting and the file that it stands in: drop-ins add to the unit. */
interface Placed extends UnitSetting {
  readonly text: Text
}

export const systemdReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const units = new Map<string, string[]>()
    for (const path of snapshot.matched.toSorted()) {
      const unit = unitOf(path, snapshot)
      units.set(unit, [...(units.get(unit) ?? []), path])
    }
    const evidence = [...units].flatMap(([unit, paths]): readonly Evidence[] => {
      // The unit itself, then its drop-ins by name (systemd.unit(5)).
      const added = paths.filter((path) => path !== unit).flatMap((path) => settingsOf(path, starts))
      const settings = [...settingsOf(unit, starts), ...added]
      const found = unit.endsWith('.socket') ? sockets(unit, settings, starts) : service(unit, settings, starts)
      // A unit that is not asked about is there only for what is added to it.
      const [first] = paths.includes(unit) ? [] : added
      return first === undefined ? found : found.map((item) => ({ ...item, origin: originOf(first) }))
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

/** `app.service.d/override.conf` belongs to `app.service` beside the directory, or to the only one of that name: on a machine they are in one. */
function unitOf(path: string, { paths }: Snapshot): string {
  if (!path.endsWith('.conf')) return path
  const unit = directoryOf(path).replace(/\.d$/, '')
  const [only, other] = paths.has(unit) ? [unit] : filesNamed(nameOf(unit), paths)
  return only === undefined || other !== undefined ? unit : only
}

function settingsOf(path: string, starts: Starts): readonly Placed[] {
  const text = starts.text(path)
  if (text === undefined) return []
  const { settings, problems } = parseUnit(text)
  for (const { reason, start, end } of problems) starts.problem(reason, text.origin(start, end), { kind: 'nothing' })
  return settings.map((one) => ({ ...one, text }))
}

/** All that a list setting adds up to: an empty value takes back what was said before. */
function listed(settings: readonly Placed[], section: string, key: string): readonly Placed[] {
  const found = settings.filter((one) => one.section === section && one.key === key)
  return found.slice(found.findLastIndex((one) => one.value.content.trim() === '') + 1)
}

function originOf({ text, start, end }: Placed): FileOrigin {
  return text.origin(start, end)
}

/** Those that the unit's own name says (systemd.unit(5), SPECIFIERS); the instance of a template is what it is started with. */
function specifiersOf(unit: string): Specifiers {
  const name = nameOf(unit)
  const plain = name.replace(/\.\w+$/, '')
  const at = plain.indexOf('@')
  const prefix = at < 0 ? plain : plain.slice(0, at)
  const instance = at < 0 ? '' : plain.slice(at + 1)
  const last = prefix.slice(prefix.lastIndexOf('-') + 1)
  const isTemplate = at >= 0 && instance === ''
  return new Map([
    ['n', name],
    ['N', plain],
    ['p', prefix],
    ['P', unescaped(prefix)],
    ['j', last],
    ['J', unescaped(last)],
    ...(isTemplate
      ? []
      : ([
          ['i', instance],
          ['I', unescaped(instance)],
          ['f', `/${unescaped(at < 0 ? prefix : instance).replace(/^\/+/, '')}`],
        ] as const)),
  ])
}

/** A name as the path that it stands for: `-` is a slash, `\x2d` a character (systemd.unit(5), STRING ESCAPING). */
function unescaped(name: string): string {
  return name.replace(/-|\\x([0-9a-f]{2})/g, (_, code: string | undefined) =>
    code === undefined ? '/' : String.fromCharCode(Number.parseInt(code, 16)),
  )
}

function service(unit: string, settings: readonly Placed[], starts: Starts): readonly Evidence[] {
  const specifiers = specifiersOf(unit)
  const environment = passedOn(settings)
  const files = environmentFiles(settings, starts)
  for (const one of listed(settings, 'Service', 'Environment'))
    for (const [name, given] of assignments(one, specifiers, starts)) environment.set(name, given)
  // Files are read after Environment= and win over it (systemd.exec(5)).
  for (const { text } of files) for (const [name, given] of fileSettings(text)) environment.set(name, given)
  for (const one of listed(settings, 'Service', 'UnsetEnvironment'))
    for (const { text } of unitWords(one.value.content)) environment.delete(text.split('=')[0] ?? '')
  // What is set nowhere is the empty text, unless a file that was not seen may set it; the last file wins.
  const unseen = files.findLast(({ text }) => text === undefined)
  const seen = new Map([...environment].map(([name, { value, origin }]) => [name, setting(name, value, origin)]))
  const last = unseen === undefined ? undefined : files.indexOf(unseen)
  const after = new Set(files.slice((last ?? files.length) + 1).flatMap(({ text }) => fileSettings(text).map(([name]) => name)))
  const known = new Map(
    [...seen].map(([name, given]) => [name, unseen === undefined || after.has(name) ? given : perhaps(name, given, unseen.origin)]),
  )
  const lookup: Lookup = (name) =>
    known.get(name)?.value ??
    (unseen === undefined ? undefined : { kind: 'environment', name, fallback: ABSENT, emptyIsUnset: false, origin: unseen.origin })
  const commands = listed(settings, 'Service', 'ExecStart')
  const directory = settings.findLast((one) => one.section === 'Service' && (one.key === 'WorkingDirectory' || one.key === 'RootDirectory'))
  for (const key of ['ExecCondition', 'ExecStartPre'])
    for (const { value } of listed(settings, 'Service', key))
      starts.written.prepared(partOf(value, prefixOf(value.content).length), { workingDirectory: directory?.value.content.trim() })
  const context = { environment: known, environmentFiles: files.flatMap(({ path }) => path ?? []) }
  const evidence = commands.flatMap((one) =>
    commandLines(one, specifiers, lookup).flatMap((line) =>
      mainStarts(started(line, directory, unit, context, originOf(one), starts)).flatMap((start) =>
        launchesOf(start, 'systemd', nameOf(unit), unseen === undefined ? {} : { unseenEnvironment: unseenFile(unseen.origin) }).map(
          (launch) => evidenceIn(starts.snapshot.context, launch, originOf(one)),
        ),
      ),
    ),
  )
  const [first] = settings
  if (evidence.length > 0 || first === undefined || known.size === 0) return evidence
  // A drop-in whose unit is not in the folder: what it sets is known, what it starts is not.
  const launch: Launch = {
    claim: 'launch',
    by: 'systemd',
    name: nameOf(unit),
    command: [],
    environment: known,
    environmentFiles: context.environmentFiles,
    instances: 1,
  }
  return [evidenceIn(starts.snapshot.context, launch, originOf(first))]
}

/** `PassEnvironment=HOST`: what the system manager itself has set, which no file of the folder says. */
function passedOn(settings: readonly Placed[]): Map<string, Setting> {
  return new Map(
    listed(settings, 'Service', 'PassEnvironment').flatMap((one) =>
      unitWords(one.value.content).map(({ text: name }): [string, Setting] => {
        const origin = originOf(one)
        return [name, { value: { kind: 'unknown', reason: `${name} is passed on from the system manager`, origin }, origin }]
      }),
    ),
  )
}

/** A variable that a file may set again which was not seen. A number stays: another port opens nothing wider. */
function perhaps(name: string, given: Setting, origin: FileOrigin): Setting {
  if (given.value.kind === 'unknown' || (given.value.kind === 'known' && /^\d+$/.test(String(given.value.value)))) return given
  const reason = `${name} may be set in a file that is not in the folder`
  return { value: { kind: 'choice', options: [given.value, { kind: 'unknown', reason, origin }], origin }, origin: given.origin }
}

/** `Environment="A=b" C=d`. */
function assignments(one: Placed, specifiers: Specifiers, starts: Starts): readonly (readonly [string, Setting])[] {
  const words = unitWords(one.value.content)
  const damaged = words.findIndex((word) => word.isDamaged)
  if (damaged >= 0) starts.problem('systemd leaves out a variable whose quotes or escapes are damaged', originOf(one))
  return words.slice(0, damaged < 0 ? undefined : damaged).flatMap(({ text, start, end }): readonly (readonly [string, Setting])[] => {
    const origin = one.value.origin(start, end)
    // Specifiers may stand in the name as well.
    const head = withSpecifiers(text.slice(0, text.indexOf('=')), specifiers, origin)
    const name = head.kind === 'known' ? String(head.value) : ''
    if (!text.includes('=') || !/^[A-Za-z_]\w*$/.test(name)) return []
    return [[name, { value: withSpecifiers(text.slice(text.indexOf('=') + 1), specifiers, origin), origin }]]
  })
}

/** An environment file's lines; systemd puts no variables into them (systemd.exec(5)). */
function fileSettings(text: Text | undefined): readonly (readonly [string, Setting])[] {
  if (text === undefined) return []
  return parseEnvironment(text, 'compose').lines.flatMap(({ name, value, start, end }): readonly (readonly [string, Setting])[] => {
    const origin = text.origin(start, end)
    return value === undefined ? [] : [[name, { value: { kind: 'known', value: value.content, origin }, origin }]]
  })
}

/** `EnvironmentFile=-/etc/app.env`: those that are in the folder; `-`: it need not be there. */
function environmentFiles(
  settings: readonly Placed[],
  starts: Starts,
): readonly { readonly path: string | undefined; readonly text: Text | undefined; readonly origin: FileOrigin }[] {
  return listed(settings, 'Service', 'EnvironmentFile').map((one) => {
    const written = one.value.content.trim().replace(/^-/, '')
    const [path] = isOfTheMachine(written) ? [] : inFolder(written, (file) => starts.snapshot.paths.has(file))
    if (path === undefined && !one.value.content.trim().startsWith('-')) {
      // What it may decide is undecided where it is read; what reads none of it is as it was.
      starts.problem('which variables this file sets is not known: it is not in the folder', originOf(one), { kind: 'nothing' })
    }
    return { path, text: path === undefined ? undefined : starts.text(path), origin: originOf(one) }
  })
}

interface CommandLine {
  readonly words: readonly Word[]
  /** That of `sh -c SCRIPT`. */
  readonly script: Passage | undefined
}

/** The command lines of one setting: semicolons that stand alone separate several. */
function commandLines(one: Placed, specifiers: Specifiers, lookup: Lookup): readonly CommandLine[] {
  const lines: UnitWord[][] = [[]]
  const { content } = one.value
  for (const word of unitWords(content)) {
    const written = content.slice(word.start, word.end)
    if (written === ';') lines.push([])
    else lines.at(-1)?.push(written === '\\;' ? { ...word, text: ';' } : word)
  }
  return lines.flatMap((line) => (line.length === 0 ? [] : [commandLine(line, one.value, specifiers, lookup)]))
}

function commandLine(line: readonly UnitWord[], passage: Passage, specifiers: Specifiers, lookup: Lookup): CommandLine {
  const [program, ...rest] = line
  const prefix = prefixOf(program?.text ?? '')
  // `@`: the second word is the program's own name for itself.
  const words = [...(program === undefined ? [] : [{ ...program, text: program.text.slice(prefix.length) }]), ...rest].filter(
    (_, index) => index !== 1 || !prefix.includes('@'),
  )
  const isLiteral = prefix.includes(':')
  const given = words.flatMap((word) => {
    const origin = passage.origin(word.start, word.end)
    const values = isLiteral ? [withSpecifiers(word.text, specifiers, origin)] : substituted(word, passage, specifiers, lookup)
    const source = passage.content.slice(word.start, word.end)
    const spreads = /^\$\w+$/.test(word.text)
    return values.map((value) => ({
      value,
      source,
      origin: value.kind === 'absent' ? origin : value.origin,
      spreads,
      written: () => origin,
    }))
  })
  return { words: wordsOf(given), script: innerScript(given.map(({ value }) => value)) }
}

/** The signs before the program that say how it is run, each at most once but for `!!` (systemd.service(5), table 2). */
function prefixOf(text: string): string {
  let prefix = ''
  for (const sign of text.slice(0, 8)) {
    const isPrefix = '@-:+!|'.includes(sign) && (!prefix.includes(sign) || (sign === '!' && !prefix.includes('!!')))
    if (!isPrefix) break
    prefix += sign
  }
  return prefix
}

/** What a command line starts, at the places of the folder that its directory on the machine may be. */
function started(
  { words, script }: CommandLine,
  directory: Placed | undefined,
  unit: string,
  context: StartContext,
  origin: FileOrigin,
  starts: Starts,
): readonly Start[] {
  const written = directory === undefined ? undefined : directory.value.content.trim().replace(/^-/, '')
  const workingDirectory = written?.startsWith('/') === true ? joinPath('/', written) : undefined
  return starts.ofCommand(words, { ...context, workingDirectory, directories: ['', directoryOf(unit)] }, origin, script)
}

/** `ListenStream=`, `ListenDatagram=`: systemd itself listens, and hands the socket to the service of the same name (systemd.socket(5)). */
function sockets(unit: string, settings: readonly Placed[], starts: Starts): readonly Evidence[] {
  const specifiers = specifiersOf(unit)
  return (['ListenStream', 'ListenDatagram'] as const).flatMap((key) =>
    listed(settings, 'Socket', key).flatMap((one) => {
      const content = one.value.content.trim()
      const value = withSpecifiers(content, specifiers, originOf(one))
      const serves = listening(value, key === 'ListenStream' ? 'tcp' : 'udp', originOf(one))
      if (serves === undefined) {
        if (value.kind === 'known' && !/^[/@]|^vsock:/.test(content))
          starts.problem('what this listens on is not understood', originOf(one), { kind: 'sockets' })
        return []
      }
      const launch: Launch = {
        claim: 'launch',
        by: 'systemd',
        name: nameOf(unit),
        command: [],
        environment: new Map(),
        environmentFiles: [],
        serves,
        instances: 1,
      }
      return [evidenceIn(starts.snapshot.context, launch, originOf(one))]
    }),
  )
}

function listening(value: Value, protocol: CommandBind['protocol'], origin: FileOrigin): CommandBind | undefined {
  const common = { program: 'systemd-socket', protocol, defaultHost: '*' }
  if (value.kind !== 'known')
    return { ...common, host: ABSENT, port: { kind: 'unknown', reason: 'decided when the unit is started', origin } }
  const text = String(value.value)
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return { ...common, host: ABSENT, port: { ...value, value: Number(text), origin } }
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|(\d+\.\d+\.\d+\.\d+)):(\d{1,5})(?:%\S+)?$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  if (host === undefined || Number(match?.[3]) > 65_535) return undefined
  return { ...common, host: { kind: 'known', value: host, origin }, port: { kind: 'known', value: Number(match?.[3]), origin } }
}
