import { type Bind, type FileOrigin, type Gap, type Launch, show, type Value, type Word } from '../../evidence/index.ts'
import { readCommand } from '../programs/index.ts'
import type { Starts } from '../starts/index.ts'
import { argumentsOf, type CallArguments } from './call-arguments.ts'
import { childrenAt } from './children.ts'
import { runsOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import { pathOf } from './file-paths.ts'
import type { Module } from './module.ts'
import { callShape } from './parameters.ts'
import { inTestFunction, isTestCode } from './test-code.ts'
import { type Located, type Thing, valueOf } from './thing.ts'

/** How a function takes the command that it starts. */
export type Form =
  | 'list'
  | 'words'
  | 'text'
  | 'list-behind'
  | 'words-behind'
  | 'list-second'
  | 'file'
  | 'module'
  | 'uvicorn'
  | 'django'
  | 'django-words'

/**
 * Functions that start programs. `…-behind`: the first argument is the file, and the words follow it; `list-second`: a mode goes before
 * these. `file` and `module`: Python runs it.
 */
const STARTS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ...['run', 'Popen', 'call', 'check_call', 'check_output', 'getoutput'].map((name): [string, Form] => [`subprocess.${name}`, 'list']),
  ['os.system', 'text'],
  ['os.popen', 'text'],
  ['asyncio.create_subprocess_shell', 'text'],
  ['asyncio.create_subprocess_exec', 'words'],
  ['subprocess.getstatusoutput', 'text'],
  ['pty.spawn', 'list'],
  ['pexpect.spawn', 'text'],
  ['runpy.run_path', 'file'],
  ['runpy.run_module', 'module'],
  ...['spawnv', 'spawnve', 'spawnvp', 'spawnvpe'].map((name): [string, Form] => [`os.${name}`, 'list-second']),
  ...['execv', 'execvp', 'execve', 'execvpe', 'posix_spawn', 'posix_spawnp'].map((name): [string, Form] => [`os.${name}`, 'list-behind']),
  ...['execl', 'execlp', 'execle', 'execlpe'].map((name): [string, Form] => [`os.${name}`, 'words-behind']),
  ['uvicorn.main', 'uvicorn'],
  ['uvicorn.main.main', 'uvicorn'],
  ['django.core.management.execute_from_command_line', 'django'],
  ['django.core.management.call_command', 'django-words'],
])

const NAMES: ReadonlySet<string> = new Set([...STARTS.keys()].map((name) => name.slice(name.lastIndexOf('.') + 1)))
const MAY =
  /\b(?:subprocess|os\s*\.\s*(?:system|popen|exec\w+|spawn\w+|posix_spawnp?)|execvp|from\s+os\s+import|runpy|pty|pexpect|create_subprocess_\w+|uvicorn\.main|execute_from_command_line|call_command)\b/

export function mayStart(content: string): boolean {
  return MAY.test(content)
}

interface Found {
  readonly claim: Bind | Launch | Gap
  readonly origin: FileOrigin
}

/**
 * What a file starts as programs of their own: servers (`subprocess.run(["uvicorn", "main:app", "--host", "0.0.0.0"])`), and what
 * leads to files of the folder (`os.system("HOST=0.0.0.0 python3 server.py")`).
 */
export function startedBy(evaluator: Evaluator, module: Module, starts: Starts): readonly Found[] {
  const { content } = module.file
  const own = [...NAMES].filter((name) => content.includes(name))
  const renamed = [...content.matchAll(/\b(\w+)\s{1,9}as\s{1,9}(\w+)/g)].flatMap(([, name = '', as = '']) => (NAMES.has(name) ? [as] : []))
  return [...new Set([...own, ...renamed])]
    .flatMap((name) => module.occurrences(name))
    .flatMap((node): readonly Found[] => {
      const shape = callShape(node)
      const thing = shape === undefined ? undefined : evaluator.ask({ node: shape.callee, frame: undefined })
      const form = thing?.kind === 'external' ? STARTS.get(thing.name) : undefined
      if (shape === undefined || form === undefined) return []
      const words = wordsOf(evaluator, form, shape.given)
      const test = isTestCode(module.file) || inTestFunction(node)
      const reading = words === undefined ? undefined : readCommand(words, { paths: evaluator.project.snapshot.paths })
      const binds =
        reading === undefined
          ? []
          : [reading, ...reading.also].flatMap((one) => [
              ...(one.serves === undefined ? [] : [one.serves]),
              ...one.alsoServes,
              ...one.debuggers,
            ])
      if (binds.length === 0) return test || SAME_PROCESS.test(form) ? [] : childrenAt(evaluator, { ...shape, words, form }, starts)
      return binds.map(({ program, ...bind }) => {
        const claim: Bind = {
          claim: 'bind',
          framework: program,
          language: 'python',
          ...bind,
          test,
          ...runsOf(evaluator, shape.call, true),
        }
        return { claim, origin: node.origin }
      })
    })
}

const SAME_PROCESS = /^(?:uvicorn|django)/

function wordsOf(evaluator: Evaluator, form: Form, given: CallArguments): readonly Word[] | undefined {
  const [first, second] = given.positional
  const list = first ?? given.keywords.get('args')
  if (list === undefined) return undefined
  const word = (text: string): Word => wordFrom({ kind: 'known', value: text, origin: list.node.origin })
  const shell = given.keywords.get('shell')?.node.kind === 'true'
  switch (form) {
    case 'list': {
      const thing = evaluator.ask(list)
      // `shlex.split("…")` takes words apart as the shell does.
      const [split] = thing.kind === 'external' && thing.name === 'shlex.split()' ? argumentsOfThing(thing) : []
      if (split !== undefined) return [word('sh'), word('-c'), wordFrom(evaluator.value(split))]
      return shell || thing.kind === 'value'
        ? [word('sh'), word('-c'), wordFrom(valueOf(thing, list.node.origin))]
        : listed(evaluator, thing)
    }
    case 'text':
      return [word('sh'), word('-c'), wordFrom(evaluator.value(list))]
    case 'words':
      return given.positional.map((one) => argument(evaluator, one))
    case 'list-behind':
      return second === undefined ? undefined : withProgram(argument(evaluator, list), listed(evaluator, evaluator.ask(second)))
    case 'list-second': {
      const [, program, third] = given.positional
      if (program === undefined || third === undefined) return undefined
      return withProgram(argument(evaluator, program), listed(evaluator, evaluator.ask(third)))
    }
    case 'words-behind':
      return withProgram(
        argument(evaluator, list),
        given.positional.slice(1).map((one) => argument(evaluator, one)),
      )
    case 'file':
      return [word('python'), argument(evaluator, list)]
    case 'module':
      return [word('python'), word('-m'), argument(evaluator, list)]
    case 'uvicorn':
      return withProgram(word('uvicorn'), [word('uvicorn'), ...(listed(evaluator, evaluator.ask(list)) ?? [])])
    case 'django':
      return withProgram(word('manage.py'), listed(evaluator, evaluator.ask(list)))
    case 'django-words':
      return [word('manage.py'), ...given.positional.map((one) => argument(evaluator, one))]
    default:
      return form satisfies never
  }
}

const argumentsOfThing = ({ call }: Extract<Thing, { readonly kind: 'external' }>): readonly Located[] =>
  call === undefined ? [] : argumentsOf(call.node, call.frame).positional

/** The program that is started, with the words behind its own name. */
function withProgram(program: Word, words: readonly Word[] | undefined): readonly Word[] | undefined {
  return words === undefined ? undefined : [program, ...words.slice(1)]
}

function listed(evaluator: Evaluator, thing: Thing): readonly Word[] | undefined {
  if (thing.kind === 'sequence') return thing.items.map((item) => argument(evaluator, item))
  if (thing.kind === 'pieces' && thing.text.kind === 'known') {
    const { value, origin } = thing.text
    return String(value)
      .trim()
      .split(/\s+/)
      .map((text) => wordFrom({ kind: 'known', value: text, origin }))
  }
  return undefined
}

function argument(evaluator: Evaluator, located: Located): Word {
  const { node } = located
  const thing = evaluator.ask(located)
  if (thing.kind === 'external' && thing.name === 'sys.executable') return wordFrom({ kind: 'known', value: 'python', origin: node.origin })
  const value = valueOf(thing, node.origin)
  // A file that is named from the directory of the source.
  const path = value.kind === 'unknown' ? pathOf(evaluator, located) : undefined
  return wordFrom(path?.inFolder === true && path.value.kind === 'known' ? path.value : value)
}

function wordFrom(text: Value): Word {
  return { text, shown: show(text.kind === 'known' ? String(text.value) : '…') }
}
