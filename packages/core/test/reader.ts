import { readFileSync, writeFileSync } from 'node:fs'
import type { Evidence, FileOrigin, Setting, Value, Word } from '../src/evidence/index.ts'
import type { FileState, Reading, System, Tools } from '../src/systems/system.ts'

/** For readers that parse no source. */
export const NO_TOOLS: Tools = { parseSource: () => undefined }

/** Reads a folder that is given as text, as the collector does: asking again until nothing more is needed. */
export async function readFolder(
  system: System,
  files: ReadonlyMap<string, string | FileState>,
  tools: Tools = NO_TOOLS,
): Promise<Reading> {
  const states = new Map<string, FileState>(
    [...files].map(([path, state]) => [path, typeof state === 'string' ? { kind: 'text', text: state } : state]),
  )
  const matched = [...states]
    .filter(
      ([path, state]) =>
        state.kind === 'text' &&
        system.reads.some((pattern) => pattern.path.test(path) && (pattern.contains === undefined || pattern.contains.test(state.text))),
    )
    .map(([path]) => path)
  const reader = await system.load()
  const loaded = new Map<string, FileState>(matched.map((path) => [path, states.get(path) ?? { kind: 'absent' }]))
  const globs = new Map<string, readonly string[]>()
  for (let round = 0; ; round++) {
    const reading = reader.read(
      {
        matched,
        paths: new Set(states.keys()),
        file: (path) => loaded.get(path),
        glob: (pattern) => globs.get(pattern),
        context: { host: 'here', standing: 'configured', capturedAt: 0 },
      },
      tools,
    )
    const needs = reading.needs.filter((path) => !loaded.has(path))
    if (needs.length === 0) return reading
    if (round > 50) throw new Error(`still asking for ${needs.join(', ')}`)
    for (const path of needs) loaded.set(path, states.get(path) ?? { kind: 'absent' })
  }
}

export interface GoldenCase {
  readonly title: string
  readonly files: ReadonlyMap<string, string>
  readonly expected: string
}

/** `#### title`, then `=== path` and the file's lines for each file, `----`, and the expected lines. */
export function goldenCases(content: string): readonly GoldenCase[] {
  return content
    .split(/^#### /m)
    .slice(1)
    .map((section) => {
      const [title = '', ...rest] = section.split('\n')
      const body = rest.join('\n')
      const at = body.search(/^----$/m)
      const input = at < 0 ? body : body.slice(0, at)
      const expected = at < 0 ? '' : body.slice(at + 5)
      const files = new Map(
        input
          .split(/^=== /m)
          .slice(1)
          .map((file): [string, string] => {
            const newline = file.indexOf('\n')
            return [file.slice(0, newline).trim(), file.slice(newline + 1)]
          }),
      )
      return { title, files, expected: expected.trim() }
    })
}

/** Reads a golden file; with UPDATE_GOLDEN set it is rewritten with what `run` gives, to be reviewed as a diff. */
export async function goldenFile(
  path: string,
  run: (files: ReadonlyMap<string, string>) => Promise<string>,
): Promise<readonly (GoldenCase & { readonly actual: string })[]> {
  const cases = []
  for (const golden of goldenCases(readFileSync(path, 'utf8'))) cases.push({ ...golden, actual: (await run(golden.files)).trim() })
  if (process.env['UPDATE_GOLDEN'] !== undefined) {
    const sections = cases.map(({ title, files, actual }) => {
      const inputs = [...files].map(([name, text]) => `=== ${name}\n${text.replace(/\n*$/, '\n')}`)
      return `#### ${title}\n${inputs.join('')}----\n${actual}\n`
    })
    writeFileSync(path, sections.join('\n'))
  }
  return cases
}

const place = (origin: FileOrigin, home: string): string =>
  `${origin.path === home ? '' : `${origin.path}:`}${origin.span.start.line}:${origin.span.start.column}`

/** A value in one line: `text@line:column`, `$NAME|fallback`, `<argument|fallback>`, `-` for absent, `{a, b}`, `a+b`, `?(reason)`. */
export function showValue(value: Value, home: string): string {
  switch (value.kind) {
    case 'known':
      return `${value.value === '' ? "''" : value.value}@${place(value.origin, home)}`
    case 'environment':
      return `$${value.name}${value.emptyIsUnset ? ':' : ''}|${showValue(value.fallback, home)}`
    case 'argument':
      return `<${value.name}|${showValue(value.fallback, home)}>`
    case 'absent':
      return '-'
    case 'choice':
      return `{${value.options.map((option) => showValue(option, home)).join(', ')}}`
    case 'joined':
      return value.parts.map((part) => showValue(part, home)).join('+')
    case 'unknown':
      return `?(${value.reason})@${place(value.origin, home)}`
    default:
      return value satisfies never
  }
}

function plain(value: Value, home: string): string {
  return value.kind === 'known'
    ? /^\S+$/.test(String(value.value))
      ? String(value.value)
      : JSON.stringify(value.value)
    : showValue(value, home)
}

const words = (command: readonly Word[], home: string): string => command.map((word) => plain(word.text, home)).join(' ')

const settings = (environment: ReadonlyMap<string, Setting>, home: string): readonly string[] =>
  [...environment].map(([name, { value, origin }]) => `  ${name}=${showValue(value, home)} set at ${place(origin, home)}`)

const range = (ports: { readonly first: number; readonly last: number } | undefined): string =>
  ports === undefined ? '*' : ports.first === ports.last ? String(ports.first) : `${ports.first}-${ports.last}`

/** Evidence as lines for golden files: one for the claim, indented ones for its parts. */
export function showEvidence({ claim, origin, environment }: Evidence): string {
  const home = origin.kind === 'file' ? origin.path : ''
  const at = origin.kind === 'file' ? ` at ${origin.path}:${origin.span.start.line}:${origin.span.start.column}` : ''
  const where = `${at}${environment === undefined ? '' : ` in ${environment}`}`
  switch (claim.claim) {
    case 'launch': {
      const bind = claim.serves
      return [
        `launch ${claim.by} ${claim.name}${where}`,
        `  ${words(claim.command, home)}`,
        ...(claim.entry === undefined ? [] : [`  entry ${claim.entry}`]),
        ...(claim.workingDirectory === undefined ? [] : [`  in '${claim.workingDirectory}'`]),
        ...(bind === undefined
          ? []
          : [`  serves ${bind.program}/${bind.protocol} host ${showValue(bind.host, home)} port ${showValue(bind.port, home)}`]),
        ...settings(claim.environment, home),
        ...claim.environmentFiles.map((path) => `  loads ${path}`),
        ...(claim.runnerFiles ?? []).map((path) => `  may load ${path}`),
        ...(claim.unseenEnvironment === undefined ? [] : [`  others may be set ${claim.unseenEnvironment.how}`]),
        ...(claim.environmentName === undefined ? [] : [`  as ${claim.environmentName}`]),
        ...(claim.instances === 1 ? [] : [`  ${claim.instances} instances`]),
      ].join('\n')
    }
    case 'compose-service':
      return [
        `compose-service ${claim.project}/${claim.name}${where}`,
        ...(claim.image === undefined ? [] : [`  image ${claim.image}`]),
        ...(claim.build === undefined ? [] : [`  build '${claim.build}'`]),
        ...(claim.profiles.length === 0 ? [] : [`  profiles ${claim.profiles.join(' ')}`]),
        ...(claim.networkMode === undefined ? [] : [`  mode ${claim.networkMode}`]),
        ...(claim.networks.length === 0
          ? []
          : [`  networks ${claim.networks.map(({ name, internal }) => (internal ? `${name} (internal)` : name)).join(' ')}`]),
        ...claim.published.map(
          (port) =>
            `  published ${showValue(port.hostAddress, home)} ${range(port.hostPorts)} -> ${range(port.containerPorts)}/${port.protocol} at ${place(port.origin, home)}`,
        ),
        ...claim.exposed.map(({ ports, protocol }) => `  exposed ${range(ports)}/${protocol}`),
        ...(claim.restart === 'no' ? [] : [`  restart ${claim.restart}`]),
      ].join('\n')
    case 'firewall-command': {
      const { rule, problem } = claim
      return [
        `firewall-command ${claim.tool}${where}`,
        `  ${words(claim.command, home)}`,
        ...(rule === undefined
          ? []
          : [
              `  ${rule.action} ${range(rule.ports)}${rule.protocol === undefined ? '' : `/${rule.protocol}`} from ${rule.from ?? 'anywhere'}`,
            ]),
        ...(problem === undefined ? [] : [`  ${problem.code} ${problem.word}`]),
      ].join('\n')
    }
    case 'variable':
      return `variable ${claim.name}=${showValue(claim.value, home)}${where}`
    case 'secret':
      return `secret ${claim.name} ${claim.problem}${where}`
    case 'allowed-origins':
      return [
        `allowed-origins ${claim.name}${claim.wildcard ? ' wildcard' : ''}${claim.credentials ? ' credentials' : ''}${where}`,
        ...claim.origins.map((item) => `  ${showValue(item.text, home)} at ${place(item.origin, home)}`),
      ].join('\n')
    case 'bind':
      return `bind ${claim.framework}/${claim.protocol} host ${showValue(claim.host, home)} port ${showValue(claim.port, home)}${where}`
    case 'gap':
      return `gap ${claim.code}: ${claim.what}${where}`
    default:
      return `${claim.claim}${where}`
  }
}
