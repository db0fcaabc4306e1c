import type { FileOrigin, Gap, Launch, Word } from '../../evidence/index.ts'
import { launchesOf, startsSomething } from '../launches.ts'
import { passageAt } from '../passage.ts'
import { directoryOf, joinPath } from '../paths.ts'
import type { Start, StartContext, Starts } from '../starts/index.ts'
import type { Form } from './commands.ts'
import { type ChildEnvironment, childEnvironment } from './child-environment.ts'
import { entriesOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import { pathOf } from './file-paths.ts'
import type { CallShape } from './parameters.ts'

/** A call that starts a program, and the words that it starts it with, where they can be told. */
export interface ChildCall extends CallShape {
  readonly form: Form
  readonly words: readonly Word[] | undefined
}

interface Found {
  readonly claim: Launch | Gap
  readonly origin: FileOrigin
}

/** Variables that say where a server listens: who gives them starts one. */
const OF_SERVERS = /^(?:\w+_)?(?:HOST|HOSTNAME|BIND|PORT|ADDRESS|LISTEN)(?:_\w+)?$/
/** Programs that run whichever file they are given. */
const INTERPRETERS = /^(?:python[\d.]*|node|nodejs|tsx|bun|deno)$/

/** The programs of the folder that a call starts; where they cannot be told of a program that runs any, a gap. */
export function childrenAt(evaluator: Evaluator, child: ChildCall, starts: Starts): readonly Found[] {
  const { call, words } = child
  const environment = childEnvironment(evaluator, child)
  const { origin } = call
  const mayListen = [...environment.set.keys()].some((name) => OF_SERVERS.test(name))
  const gap = (what: string, matters = true): readonly Found[] => [
    { claim: { claim: 'gap', code: 'not-understood', what, affects: { kind: matters ? 'folder' : 'nothing' } }, origin },
  ]
  if (words === undefined)
    return mayListen ? gap('what is started here with variables of a server is not known') : gap('what is started here is not known', false)
  const found = startsOf(evaluator, child, words, environment, starts)
  const running = found.filter(startsSomething)
  if (running.length === 0) {
    const open = found.some(({ reading }) => reading.unknown.length > 0)
    if (open && isInterpreter(words)) return gap('which file is started here is not known')
    return mayListen && words.some(({ text }) => text.kind !== 'known')
      ? gap('what is started here with variables of a server is not known')
      : []
  }
  // What runs in the same process has its arguments.
  const isSame = child.form === 'file' || child.form === 'module'
  if (isSame && /\bsys\.argv\b/.test(call.file.content)) return gap('what arguments the file has that is run here is not known')
  const entries = entriesOf(evaluator, call)
  return running
    .flatMap((start) => launchesOf(start, 'shell', call.file.path))
    .map(({ workingDirectory, ...launch }) => ({
      claim: {
        ...launch,
        ...(!child.given.keywords.has('cwd') || workingDirectory === undefined ? {} : { workingDirectory }),
        ...(environment.unseen === undefined
          ? {}
          : { unseenEnvironment: { how: 'by an object that is not followed', origin: environment.unseen } }),
        startedBy: {
          entries,
          takes: [...(environment.inherits ? (['environment'] as const) : []), ...(isSame ? (['arguments'] as const) : [])],
        },
      },
      origin,
    }))
}

function isInterpreter([program]: readonly Word[]): boolean {
  return program?.text.kind === 'known' && INTERPRETERS.test(String(program.text.value).split('/').at(-1) ?? '')
}

function startsOf(
  evaluator: Evaluator,
  child: ChildCall,
  words: readonly Word[],
  environment: ChildEnvironment,
  starts: Starts,
): readonly Start[] {
  const context: StartContext = { directories: directoriesOf(evaluator, child), environment: environment.set, incidental: true }
  const [shell, option, text] = words
  const isText = shell?.text.kind === 'known' && shell.text.value === 'sh' && option?.text.kind === 'known' && option.text.value === '-c'
  return isText && text?.text.kind === 'known'
    ? starts.ofShell(passageAt(String(text.text.value), text.text.origin), context)
    : starts.ofCommand(words, context, child.call.origin)
}

/** Where the program may run: where the one that starts it does, which is the folder or its own directory; or what `cwd` says of these. */
function directoriesOf(evaluator: Evaluator, { call, given }: ChildCall): readonly string[] {
  const usual = [...new Set(['', directoryOf(call.file.path)])]
  const named = given.keywords.get('cwd')
  if (named === undefined) return usual
  const { value, inFolder } = pathOf(evaluator, named)
  if (value.kind !== 'known') return usual
  return inFolder ? [String(value.value)] : [...usual.flatMap((outer) => joinPath(outer, String(value.value)) ?? []), ...usual]
}
