import { type Claim, type FileOrigin, type Launch, show } from '../../../evidence/index.ts'
import { launchesOf, startsSomething } from '../../launches.ts'
import { passageAt } from '../../passage.ts'
import { directoryOf, joinPath } from '../../paths.ts'
import type { Start, StartContext, Starts } from '../../starts/index.ts'
import { type Node, settledOrigin } from '../../tree.ts'
import { inContexts } from '../callers/contexts.ts'
import type { Module } from '../source/module.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { type Call, callAt, callNames } from './calls.ts'

export { mayStartPrograms } from './calls.ts'

interface Found {
  readonly claim: Claim
  readonly origin: FileOrigin
}

/** Variables that say where a server listens: who gives them starts one. */
const OF_SERVERS = /^(?:\w+_)?(?:HOST|HOSTNAME|BIND|PORT|ADDRESS|LISTEN)(?:_\w+)?$|^NODE_OPTIONS$/

/** The programs that a file starts as programs of their own; what cannot be read of them is a gap. */
export function childrenOf(module: Module, evaluator: Evaluator, starts: Starts): readonly Found[] {
  const found: Found[] = []
  const seen = new Set<string>()
  let calls = 0
  for (const name of callNames(module.file.content)) {
    for (const call of module.calls(name)) {
      if (++calls > MOST_CALLS) return [...found, limit(module, call)]
      const origin = module.file.origin(call.start, call.end)
      for (const { answer, root } of inContexts(call, () => callAt(call, evaluator), evaluator)) {
        for (const item of launched(answer, origin, module.path, root, evaluator, starts)) {
          const key = `${item.origin.span.start.offset} ${JSON.stringify(item.claim, (_, value: unknown) => (value instanceof Map ? [...value] : value))}`
          if (!seen.has(key)) found.push(item)
          seen.add(key)
        }
      }
    }
  }
  return found
}

/** More calls than this in one file may start programs only in code that was generated. */
const MOST_CALLS = 200

const limit = (module: Module, { start, end }: Node): Found => ({
  claim: {
    claim: 'gap',
    code: 'limit',
    what: `more than ${MOST_CALLS} calls here may start programs: those from here on are not followed`,
    affects: { kind: 'folder' },
  },
  origin: module.file.origin(start, end),
})

function launched(call: Call, origin: FileOrigin, path: string, root: string, evaluator: Evaluator, starts: Starts): readonly Found[] {
  const { environment, unclear, passesArguments } = call
  const entries = [...new Set([path, ...evaluator.project.graph.entries(root)])]
  const takes = [
    ...(environment.inherits ? (['environment'] as const) : []),
    ...(passesArguments ? (['arguments'] as const) : []),
    ...(call.command.kind === 'again' ? (['entry'] as const) : []),
  ]
  const complete = (launch: Launch): Found => {
    const { workingDirectory, ...own } = launch
    const claim: Launch = {
      ...own,
      ...(call.directory === undefined || workingDirectory === undefined ? {} : { workingDirectory }),
      ...(environment.unseen === undefined
        ? {}
        : { unseenEnvironment: { how: 'by an object that is not followed', origin: settledOrigin(environment.unseen) } }),
      startedBy: { entries, takes },
    }
    return { claim, origin }
  }
  if (call.command.kind === 'again')
    return [
      complete({ claim: 'launch', by: 'shell', name: path, command: [], environment: environment.set, environmentFiles: [], instances: 1 }),
    ]
  const found = startsOf(call, origin, path, starts)
  const mayListen = [...environment.set.keys()].some((name) => OF_SERVERS.test(name))
  const runsOwn = found.some(startsSomething)
  const gaps: Found[] = []
  const gap = (what: string, matters: boolean): void => {
    gaps.push({ claim: { claim: 'gap', code: 'not-understood', what, affects: { kind: matters ? 'folder' : 'nothing' } }, origin })
  }
  if (unclear !== undefined) gap(unclear, runsOwn || mayListen || isInterpreter(call))
  else if (isInterpreter(call) && found.some(({ reading }) => reading.unknown.length > 0))
    gap('which file is started here is not known', true)
  else if (!runsOwn && mayListen) gap('what is started here with variables of a server is not known', true)
  for (const { reading } of found)
    if (reading.entry !== undefined && isUnread(reading.entry, evaluator))
      gap(`${reading.entry} is started here, and by its name it is not told to be a program`, true)
  return [...found.filter(startsSomething).flatMap((start) => launchesOf(start, 'shell', path).map(complete)), ...gaps]
}

function startsOf(call: Call, origin: FileOrigin, path: string, starts: Starts): readonly Start[] {
  const { command, environment } = call
  const context: StartContext = { directories: directoriesOf(call, path, starts), environment: environment.set, incidental: true }
  switch (command.kind) {
    case 'words':
      return starts.ofCommand(command.words, context, origin)
    case 'text': {
      const { text } = command
      if (text.kind === 'known') return starts.ofShell(passageAt(String(text.value), text.origin), context)
      const words = ['sh', '-c'].map((word) => ({ text: { kind: 'known' as const, value: word, origin }, shown: show(word) }))
      return starts.ofCommand([...words, { text, shown: show('…') }], context, origin)
    }
    case 'again':
      return []
    default:
      return command satisfies never
  }
}

/** Where the program may run: where the one that starts it does, which is its package, the folder, or its own directory; or in a directory of these. */
function directoriesOf({ directory, fromFolder }: Call, path: string, { snapshot }: Starts): readonly string[] {
  const own = directoryOf(path)
  let home = own
  while (home !== '' && !snapshot.paths.has(`${home}/package.json`)) home = directoryOf(home)
  const usual = [...new Set([home, '', own])]
  if (fromFolder) return ['', ...usual]
  if (directory?.kind !== 'known') return usual
  return [...new Set([...usual.flatMap((outer) => joinPath(outer, String(directory.value)) ?? []), ...usual])]
}

/** Programs that run whichever file they are given. */
const INTERPRETERS = /^(?:node|nodejs|tsx|ts-node|bun|deno|python3?|sh|bash)$/

function isInterpreter({ command }: Call): boolean {
  const program = command.kind === 'words' ? command.words[0]?.text : undefined
  return program?.kind === 'known' && INTERPRETERS.test(String(program.value))
}

/** A file that Node runs whatever its name: without an ending, and without a first line that says so, it is not read. */
function isUnread(entry: string, { project }: Evaluator): boolean {
  return !/\.\w+$/.test(entry) && project.snapshot.paths.has(entry) && !project.sources.includes(entry)
}
