import { ABSENT, type CommandBind, type Evidence, type Launch, type Setting, type Text } from '../../evidence/index.ts'
import { environmentIn } from '../environments.ts'
import { nameOf } from '../paths.ts'
import { launchesOf } from '../launches.ts'
import { Starts } from '../starts/index.ts'
import { parseJson } from '../json.ts'
import { evidenceIn, type Reader, type Tools } from '../system.ts'
import { readYaml } from '../yaml.ts'
import { type App, readApp } from './apps.ts'
import { changes, loadEnvironments } from './changes.ts'
import { type Datum, datumOf, type Missing, property, valueOf } from './datum.ts'
import { commands } from './commands.ts'
import { Evaluator, type Files } from './evaluate.ts'
import { placeOf, sourceOf } from './source.ts'

/** An ecosystem file is written by hand. A text made to be slow takes a parser of JavaScript seconds for every 100,000 characters. */
const LONGEST = 1 << 17

export const pm2Reader: Reader = {
  read(snapshot, tools) {
    const starts = new Starts(snapshot)
    const evidence = snapshot.matched.flatMap((path): readonly Evidence[] => {
      const text = starts.text(path)
      return text === undefined ? [] : configuration(text, starts, tools)
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

export interface Ecosystem {
  readonly whole: Datum
  readonly apps: readonly App[]
  /** Further apps that are not known. */
  readonly missing: readonly Missing[]
  /** Files of variables that it loads itself. */
  readonly environmentFiles: readonly string[]
}

/** The apps that a file describes; `undefined`: it describes none. */
export function ecosystem(text: Text, starts: Starts, tools: Tools): Ecosystem | undefined {
  const files: Files = { text: (path) => starts.text(path), has: (path) => starts.snapshot.paths.has(path) }
  const evaluator = new Evaluator(files, tools)
  const whole = read(text, evaluator, starts, tools)
  if (whole === undefined) return undefined
  // lib/API.js _startJson: the object itself is an app where it has no list of them.
  const apps = property(whole, 'apps', 'pm2') ?? whole
  const list = apps.kind === 'list' ? apps.items : [apps]
  const folder = { isDirectory: (path: string) => starts.isDirectory(path), has: (path: string) => starts.snapshot.paths.has(path) }
  return {
    whole,
    apps: list.map((datum) => readApp(datum, text.path, folder)),
    missing: apps.kind === 'list' ? apps.missing : [],
    environmentFiles: [...evaluator.environmentFiles],
  }
}

function configuration(text: Text, starts: Starts, tools: Tools): readonly Evidence[] {
  const found = ecosystem(text, starts, tools)
  if (found === undefined) return []
  const environment = environmentIn(nameOf(text.path))
  for (const { reason, origin } of found.missing) starts.problem(`further apps may be started: ${reason}`, origin)
  return [
    ...statics(found.whole, environment, starts),
    ...found.apps.flatMap((app) => {
      for (const { reason, origin } of app.missing) starts.problem(reason, origin)
      for (const { reason, origin } of app.notes) starts.problem(reason, origin, { kind: 'nothing' })
      if (app.name === '' && app.words.length === 0) return []
      return launches(app, found.environmentFiles, environment, starts)
    }),
  ]
}

/** `static: [{ path, port, host }]`: PM2's own file server, which listens on 0.0.0.0:8080 unless told (pm2 7.0.4, lib/API/Serve.js). */
function statics(whole: Datum, environment: string | undefined, starts: Starts): readonly Evidence[] {
  const list = property(whole, 'static')
  return (list?.kind === 'list' ? list.items : []).map((item) => {
    const [host, port] = [property(item, 'host'), property(item, 'port')].map((datum) => valueOf(datum) ?? ABSENT)
    const name = valueOf(property(item, 'name'))
    const serves: CommandBind = {
      program: 'pm2-serve',
      protocol: 'tcp',
      host: host ?? ABSENT,
      port: port ?? ABSENT,
      defaultHost: '0.0.0.0',
      defaultPort: 8080,
    }
    const launch: Launch = {
      claim: 'launch',
      by: 'pm2',
      name: name?.kind === 'known' ? String(name.value) : `static-page-server-${port?.kind === 'known' ? port.value : ''}`,
      command: [],
      environment: new Map(),
      environmentFiles: [],
      serves,
      instances: 1,
    }
    return evidenceIn(starts.snapshot.context, launch, item.origin, environment)
  })
}

/** What the file says, however it is written. */
function read(text: Text, evaluator: Evaluator, starts: Starts, tools: Tools): Datum | undefined {
  if (text.content.length > LONGEST) {
    starts.problem(`longer than ${LONGEST} characters: not followed`, text.origin(0, 0))
    return undefined
  }
  if (/\.ya?ml$/.test(text.path)) return fromYaml(text, starts)
  if (/\.json5?$/.test(text.path)) {
    if (parseJson(text.content) !== undefined) return fromYaml(text, starts)
    // PM2 runs it as JavaScript, which knows comments and trailing commas (Common.parseConfig).
    const root = tools.parseSource('javascript', `(${text.content}\n)`)
    const statement = root?.children().find((child) => child.kind() === 'expression_statement')
    const expression = statement?.children()[0]
    if (root === undefined || expression === undefined) return fromYaml(text, starts)
    const source = sourceOf(text, root, 1)
    if (broken(root)) starts.problem('not valid JSON', text.origin(0, 0))
    return evaluator.evaluate(expression, { source, parameters: new Map() })
  }
  const source = evaluator.source(text.path)
  if (source === undefined) {
    starts.problem('too many mistakes to be parsed, or no parser for JavaScript is installed', text.origin(0, 0))
    return undefined
  }
  loadEnvironments(source, evaluator)
  for (const { reason, origin } of changes(source)) starts.problem(reason, origin)
  const error = source.root.children().find((child) => child.kind() === 'ERROR')
  if (error !== undefined) starts.problem('not valid JavaScript', placeOf(source, error))
  const exported = evaluator.exports(source)
  if (exported === undefined) starts.problem('nothing that is exported was found', text.origin(0, 0))
  return exported
}

function broken(root: { kind(): string; children(): { kind(): string }[] }): boolean {
  return root.children().some((child) => child.kind() === 'ERROR')
}

function fromYaml(text: Text, starts: Starts): Datum | undefined {
  const { documents, problems } = readYaml(text)
  for (const { reason, origin } of problems) starts.problem(reason, origin)
  const [document] = documents
  return document === undefined ? undefined : datumOf(document)
}

function launches(app: App, files: readonly string[], environment: string | undefined, starts: Starts): readonly Evidence[] {
  const ways: readonly (readonly [string | undefined, ReadonlyMap<string, Setting>])[] = [
    [undefined, app.environment],
    ...[...app.environments].map(([name, more]): readonly [string, ReadonlyMap<string, Setting>] => [
      name,
      new Map([...app.environment, ...more]),
    ]),
  ]
  return ways.flatMap(([environmentName, variables]) =>
    commands(app, variables, files, starts).flatMap((start) =>
      launchesOf(start, 'pm2', app.name, { instances: app.instances, ...(environmentName === undefined ? {} : { environmentName }) }).map(
        (launch) => evidenceIn(starts.snapshot.context, launch, app.origin, environmentName ?? environment),
      ),
    ),
  )
}
