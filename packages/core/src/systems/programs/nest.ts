import { readData } from '../data/index.ts'
import { entry, textOf } from '../yaml.ts'
import { debuggersOf } from './inspector.ts'
import { interpreterNamed } from './interpreters.ts'
import { lastOf, type Options, parseOptions } from './options.ts'
import { configurationText, scriptFile } from './place.ts'
import type { CommandReading } from './reading.ts'
import { argumentsOf, done, type State, variables, withOptions, withUnknown } from './state.ts'
import { isLiteral, type Template } from './template.ts'

const OPTIONS: Options = {
  '-c': 'configuration',
  '--config': 'configuration',
  '-p': 'value',
  '--path': 'value',
  '-b': 'value',
  '--builder': 'value',
  '-e': 'command',
  '--exec': 'command',
  '--entryFile': 'value',
  '--sourceRoot': 'value',
  '--env-file': 'environment-file',
  // Its value may be the next word, as that of the runtime's own option may not.
  '-d': 'endpoint',
  '--debug': 'endpoint',
}

/** `nest start [APP]` (@nestjs/cli 11, actions/start.action.ts): builds, and runs the entry file that nest-cli.json names under node. */
export function nest(name: string, rest: readonly Template[], before: State): CommandReading | undefined {
  if (name !== 'nest' || rest[0]?.text !== 'start') return undefined
  const parsed = parseOptions(rest.slice(1), { options: OPTIONS, unlisted: 'switch' })
  const [app] = parsed.positionals
  const option = (long: string): string | undefined => parsed.given.findLast((one) => one.name === long)?.value?.text
  const text = configurationText(before.place, lastOf(parsed.given, 'configuration')?.value?.text, FILES)
  const configuration = text === undefined ? undefined : readData(text, 'json')
  const project = app === undefined ? undefined : entry(entry(configuration, 'projects'), app.text)
  const said = (key: string): string | undefined => option(`--${key}`) ?? textOf(entry(project, key)) ?? textOf(entry(configuration, key))
  const surrounded = withOptions(before, parsed.given)
  const debuggers = debuggersOf('javascript', parsed.given, variables(surrounded))
  const state: State = { ...surrounded, debuggers: [...surrounded.debuggers, ...debuggers] }
  const root = said('sourceRoot') ?? 'src'
  const main = said('entryFile') ?? 'main'
  const candidates = [`${root}/${main}`, main]
  if (!candidates.every(isLiteral)) return done(withUnknown(state, 'which file is run is not known', (app ?? rest[0]).origin), name)
  const files = candidates.flatMap((path) => scriptFile(state.place, path) ?? [])
  const found = files.find((path) => state.place.paths?.has(path)) ?? files[0]
  const binary = interpreterNamed(lastOf(parsed.given, 'command')?.value?.text ?? 'node')
  return done(state, name, {
    ...(found === undefined ? {} : { entry: found }),
    arguments: argumentsOf(parsed.rest, binary?.firstArgument ?? 2),
  })
}

const FILES = ['nest-cli.json', '.nestcli.json', '.nest-cli.json', 'nest.json'] as const
