import type { Evidence, Launch, Setting, Text, Value } from '../../evidence/index.ts'
import { readData } from '../data/index.ts'
import { type Passage, PassageBuilder } from '../passage.ts'
import { directoryOf, inFolder } from '../paths.ts'
import { readEndpoint } from '../programs/endpoint.ts'
import { setting } from '../secret.ts'
import { launchesOf, mainStarts } from '../launches.ts'
import { Starts } from '../starts/index.ts'
import { evidenceIn, type Reader } from '../system.ts'
import { isTestPath } from '../tests.ts'
import { entry, originOf, textOf, type Tree } from '../yaml.ts'

/** Programs of one file. */
const PROGRAMS = 500

export const supervisorReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const evidence = snapshot.matched.flatMap((path): readonly Evidence[] => {
      const text = starts.text(path)
      if (text === undefined) return []
      const root = readData(text, 'ini')
      return [...programsOf(text, root, starts), ...socketsOf(text, root, starts), ...administrationOf(text, root, starts)]
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

/** A value with its continued lines. */
interface Given {
  readonly start: number
  readonly end: number
}

/** `[program:NAME]` (supervisord.org, Configuration File). */
function programsOf(text: Text, root: Tree | undefined, starts: Starts): readonly Evidence[] {
  if (root?.kind !== 'mapping') return []
  const common = root.entries.get('supervisord')?.value
  return [...root.entries].slice(0, PROGRAMS).flatMap(([section, { value: program }]): readonly Evidence[] => {
    const name = /^(?:fcgi-)?program:\s*(.+)$/.exec(section)?.[1]?.trim()
    if (name === undefined || program.kind !== 'mapping') return []
    const given = (key: string, of = program): Given | undefined => {
      const value = of.kind === 'mapping' ? of.entries.get(key)?.value : undefined
      return value === undefined ? undefined : { start: value.start, end: continued(text.content, value.end) }
    }
    const command = given('command')
    if (command === undefined) return []
    const origin = text.origin(command.start, command.end)
    const environment = new Map([
      ...(common?.kind === 'mapping' ? variablesOf(text, given('environment', common), name) : []),
      ...variablesOf(text, given('environment'), name),
    ])
    const written = given('directory')
    const directory =
      written === undefined
        ? undefined
        : expanded(text, written, name)
            .content.trim()
            .replace(/^["']|["']$/g, '')
    const found = starts.ofShell(expanded(text, command, name), { ...placeOf(directory, text.path, starts), environment })
    return mainStarts(found).flatMap((start) =>
      launchesOf(start, 'supervisor', name).map((launch) =>
        evidenceIn(starts.snapshot.context, launch, origin, isTestPath(text.path) ? 'test' : undefined),
      ),
    )
  })
}

/** `socket=tcp://HOST:PORT` of `[fcgi-program:NAME]`: supervisord binds it, and hands it to each process as its standard input. */
function socketsOf(text: Text, root: Tree | undefined, starts: Starts): readonly Evidence[] {
  if (root?.kind !== 'mapping') return []
  return [...root.entries].slice(0, PROGRAMS).flatMap(([section, { value: program }]): readonly Evidence[] => {
    const name = /^fcgi-program:\s*(.+)$/.exec(section)?.[1]?.trim()
    const socket = entry(program, 'socket')
    return name === undefined || socket === undefined ? [] : served(text, name, socket, 'host', starts)
  })
}

/** `[inet_http_server]`: supervisord's own, by which whoever reaches it starts and stops programs; a port alone is on every address. */
function administrationOf(text: Text, root: Tree | undefined, starts: Starts): readonly Evidence[] {
  const port = entry(entry(root, 'inet_http_server'), 'port')
  return port === undefined ? [] : served(text, 'supervisord', port, 'port', starts)
}

/** What supervisord binds itself. `bare`: what an address without a colon is. */
function served(text: Text, name: string, address: Tree, bare: 'host' | 'port', starts: Starts): readonly Evidence[] {
  const said = textOf(address)
  if (said === undefined) return []
  const origin = originOf(address)
  const plain = said.replace(/\s;.*$/s, '').trim()
  const value: Value = plain.includes('%(')
    ? { kind: 'unknown', reason: 'put together when it is started', origin }
    : { kind: 'known', value: plain, origin }
  const end = readEndpoint(value, { bare, every: '*' }, new Map())
  if (end.kind !== 'network') return []
  const launch: Launch = {
    claim: 'launch',
    by: 'supervisor',
    name,
    command: [],
    serves: { program: 'supervisord', protocol: 'tcp', host: end.host, port: end.port, defaultHost: '*' },
    environment: new Map(),
    environmentFiles: [],
    instances: 1,
  }
  return [evidenceIn(starts.snapshot.context, launch, origin, isTestPath(text.path) ? 'test' : undefined)]
}

/** Lines that begin with a blank go on with the value before them. */
function continued(content: string, from: number): number {
  let end = from
  for (;;) {
    const newline = content.indexOf('\n', end)
    if (newline < 0 || !/^[ \t]+[^\s;#]/.test(content.slice(newline + 1, newline + 200))) return end
    const next = content.indexOf('\n', newline + 1)
    end = next < 0 ? content.length : next
  }
}

/** Without comments (` ;`) and line ends, with what stands for variables: `%(ENV_HOST)s`, `%(program_name)s`, `%(here)s`. */
function expanded(text: Text, { start, end }: Given, name: string): Passage {
  const builder = new PassageBuilder(text)
  let at = start
  for (const match of text.content.slice(start, end).matchAll(/%\((\w+)\)[-\d]*[a-z]|%%|[ \t];[^\n]*|\r?\n[ \t]*/g)) {
    builder.copy(at, start + match.index)
    at = start + match.index + match[0].length
    const [whole, variable = ''] = match
    const shown = whole === '%%' ? '%' : variable === '' ? ' ' : meaning(variable, name)
    builder.replace(shown, start + match.index, at)
  }
  builder.copy(at, end)
  return builder.build()
}

function meaning(variable: string, name: string): string {
  const environment = /^ENV_(\w+)$/.exec(variable)?.[1]
  if (environment !== undefined) return `\${${environment}}`
  if (variable === 'program_name' || variable === 'group_name') return /^[\w.-]+$/.test(name) ? name : '$(:)'
  return variable === 'here' ? '.' : '$(:)'
}

/** `KEY="value",OTHER=value`. */
function variablesOf(text: Text, given: Given | undefined, name: string): readonly (readonly [string, Setting])[] {
  if (given === undefined) return []
  const passage = expanded(text, given, name)
  return [...passage.content.matchAll(/(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^,\s"']*))/g)].map((match) => {
    const [whole, key = '', double, single, plain = ''] = match
    const value = double ?? single ?? plain
    const origin = passage.origin(match.index, match.index + whole.length)
    const isKnown = !value.includes('$')
    return [
      key,
      setting(
        key,
        isKnown ? { kind: 'known', value, origin } : { kind: 'unknown', reason: 'put together when it is started', origin },
        origin,
      ),
    ]
  })
}

function placeOf(
  directory: string | undefined,
  path: string,
  starts: Starts,
): { workingDirectory?: string; directories?: readonly string[] } {
  const found = directory === undefined ? [] : inFolder(directory, (one) => starts.isDirectory(one))
  const [first] = found
  return first === undefined ? { directories: [...new Set(['', directoryOf(path)])] } : { workingDirectory: first }
}
