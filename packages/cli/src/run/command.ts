import { accessSync, constants, openSync, readdirSync, readSync, closeSync, realpathSync } from 'node:fs'
import { hostname } from 'node:os'
import { delimiter, join } from 'node:path'
import { type CommandBind, evidenceOf, type FileOrigin, type Launch, type Resolved, resolveValue, show } from '@sallyport/core/evidence'
import { GIVEN_COMMAND, givenCommand, hostWords, titleOf } from '@sallyport/core/systems'
import { Files, readAll } from '../collect/snapshot.ts'
import { sourceTools } from '../collect/source.ts'
import { admits, type Allowed } from './allowed.ts'
import { readHostText } from './host-text.ts'
import { mayBind, type RefusedHost } from './variables.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What a look at the command line gives. */
export interface CommandCheck {
  readonly refused: RefusedHost | undefined
  /** Servers that listen wider than the policy unless they are told otherwise, and nothing tells them. */
  readonly defaults: readonly DefaultHost[]
}

export interface DefaultHost {
  /** As people call it. */
  readonly program: string
  readonly host: string
  /** What says loopback to it; absent: it has no option for that. */
  readonly words?: string
}

/** Files that are looked for below the folder: those that commands come to (package.json, Makefile, scripts) are not deep. */
const MOST_FILES = 5_000
const DEPTH = 4
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', '.git', '.venv', 'venv', '__pycache__', 'dist', 'build', 'target'])

/** Reads the command, and the scripts of the folder that it calls, as `sallyport check` does; nothing of it runs (P8, E8). */
export function checkCommand(words: readonly string[], environment: Environment, allowed: Allowed, folder: string): CommandCheck {
  const root = realpathSync(folder)
  const context = { host: hostname(), standing: 'configured' as const, capturedAt: 0 }
  const reading = readAll(
    givenCommand(words, environment),
    new Files({ path: root, chroot: false }, filesIn(root)),
    [],
    context,
    sourceTools,
  )
  const defaults: DefaultHost[] = []
  for (const { claim } of evidenceOf(reading.evidence, 'launch')) {
    if (claim.serves === undefined) continue
    const surroundings = { environment: claim.environment, arguments: claim.arguments ?? new Map() }
    const port = portOf(claim.serves, surroundings)
    for (const host of resolveValue(claim.serves.host, surroundings)) {
      if (host.kind === 'absent') {
        if (!mayListen(claim.serves.defaultHost, port, claim.serves, allowed)) defaults.push(defaultHost(claim.serves))
      } else if (host.kind === 'known' && !mayListen(textOf(host), port, claim.serves, allowed))
        return { refused: refusal(textOf(host), host.origin, claim), defaults: [] }
    }
  }
  return { refused: undefined, defaults }
}

function defaultHost({ program, defaultHost: host }: CommandBind): DefaultHost {
  const words = hostWords(program, '127.0.0.1')?.join(' ')
  return { program: titleOf(program), host, ...(words === undefined ? {} : { words }) }
}

function portOf({ port, defaultPort }: CommandBind, surroundings: Parameters<typeof resolveValue>[1]): number | undefined {
  const [only, another] = resolveValue(port, surroundings)
  if (another !== undefined || only === undefined || only.kind === 'unknown') return undefined
  const value = only.kind === 'absent' ? defaultPort : Number(only.value)
  return value !== undefined && Number.isInteger(value) && value > 0 ? value : undefined
}

/** `host: true` is every interface where a program takes it. */
const textOf = (host: Extract<Resolved, { kind: 'known' }>): string => (host.value === true ? '*' : String(host.value))

function mayListen(text: string, port: number | undefined, { protocol }: CommandBind, allowed: Allowed): boolean {
  const host = readHostText(text)
  return host.kind === 'address'
    ? admits(allowed, { protocol, address: host.address, port: host.port ?? port })
    : mayBind(host, allowed, false)
}

function refusal(host: string, origin: FileOrigin | undefined, launch: Launch): RefusedHost {
  const where =
    origin === undefined || origin.path === GIVEN_COMMAND ? GIVEN_COMMAND : `${origin.path}:${origin.span.start.line}: ${origin.line}`
  return { host, where: `${where} (${launch.serves?.program ?? show(launch.name)})`, next: 'write 127.0.0.1 there' }
}

function filesIn(root: string): readonly string[] {
  const found: string[] = []
  const list = (folder: string, depth: number): void => {
    for (const entry of entries(join(root, folder))) {
      if (found.length >= MOST_FILES) return
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isFile() || entry.isSymbolicLink()) found.push(path)
      else if (entry.isDirectory() && depth < DEPTH && !SKIPPED.has(entry.name)) list(path, depth + 1)
    }
  }
  list('', 1)
  return found
}

function entries(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

const NODE_PROGRAMS: ReadonlySet<string> = new Set(['node', 'nodejs', 'npm', 'npx', 'yarn', 'pnpm', 'tsx', 'ts-node', 'nodemon', 'pm2'])

/** Whether the program runs in Node, so that what is preloaded there holds it: by its name, or by the first line of its file. */
export function runsInNode(program: string, environment: Environment): boolean {
  const name = program.slice(program.lastIndexOf('/') + 1)
  if (NODE_PROGRAMS.has(name)) return true
  const paths = program.includes('/') ? [program] : (environment['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program))
  const path = paths.find(isExecutable)
  return path !== undefined && /^#!.{0,64}\bnode\b/.test(firstBytes(path))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function firstBytes(path: string): string {
  try {
    const descriptor = openSync(path, 'r')
    try {
      const buffer = Buffer.alloc(80)
      return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, buffer.length, 0))
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return ''
  }
}
