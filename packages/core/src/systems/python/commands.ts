import { type Bind, type FileOrigin, show, type Value, type Word } from '../../evidence/index.ts'
import { readCommand } from '../programs/index.ts'
import type { CallArguments } from './call-arguments.ts'
import { entriesOf } from './entries.ts'
import type { Evaluator } from './evaluator.ts'
import type { Module } from './module.ts'
import { callShape } from './parameters.ts'
import type { Node } from '../tree.ts'
import { inTestFunction, isTestCode } from './test-code.ts'
import { type Thing, valueOf } from './thing.ts'

/** How a function takes the command that it starts. */
type Form = 'list' | 'words' | 'text' | 'list-behind' | 'words-behind' | 'uvicorn' | 'django' | 'django-words'

/** Functions that start programs. `…-behind`: the first argument is the file, and the words follow it. */
const STARTS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ...['run', 'Popen', 'call', 'check_call', 'check_output', 'getoutput'].map((name): [string, Form] => [`subprocess.${name}`, 'list']),
  ['os.system', 'text'],
  ['os.popen', 'text'],
  ['asyncio.create_subprocess_shell', 'text'],
  ['asyncio.create_subprocess_exec', 'words'],
  ...['execv', 'execvp', 'execve', 'execvpe', 'spawnvp'].map((name): [string, Form] => [`os.${name}`, 'list-behind']),
  ...['execl', 'execlp'].map((name): [string, Form] => [`os.${name}`, 'words-behind']),
  ['uvicorn.main', 'uvicorn'],
  ['uvicorn.main.main', 'uvicorn'],
  ['django.core.management.execute_from_command_line', 'django'],
  ['django.core.management.call_command', 'django-words'],
])

const NAMES: ReadonlySet<string> = new Set([...STARTS.keys()].map((name) => name.slice(name.lastIndexOf('.') + 1)))
const MAY =
  /\b(?:subprocess|os\s*\.\s*(?:system|popen|exec\w+)|execvp|create_subprocess|uvicorn\.main|execute_from_command_line|call_command)\b/

export function mayStart(content: string): boolean {
  return (
    MAY.test(content) &&
    /uvicorn|gunicorn|hypercorn|daphne|flask|runserver|http\.server|streamlit|fastapi|waitress|jupyter|redis|mongod|vite|next|serve|php|mlflow|tensorboard/.test(
      content,
    )
  )
}

/** The servers that a file starts as programs of their own: `subprocess.run(["uvicorn", "main:app", "--host", "0.0.0.0"])`. */
export function startedBy(evaluator: Evaluator, module: Module): readonly { readonly claim: Bind; readonly origin: FileOrigin }[] {
  const { content } = module.file
  const names = [...NAMES].filter((name) => content.includes(name))
  return names
    .flatMap((name) => module.occurrences(name))
    .flatMap((node) => {
      const shape = callShape(node)
      const thing = shape === undefined ? undefined : evaluator.ask({ node: shape.callee, frame: undefined })
      const form = thing?.kind === 'external' ? STARTS.get(thing.name) : undefined
      if (shape === undefined || form === undefined) return []
      const words = wordsOf(evaluator, form, shape.given)
      const reading = words === undefined ? undefined : readCommand(words, { paths: evaluator.project.snapshot.paths })
      const binds =
        reading === undefined
          ? []
          : [reading, ...reading.also].flatMap((one) => [
              ...(one.serves === undefined ? [] : [one.serves]),
              ...one.alsoServes,
              ...one.debuggers,
            ])
      return binds.map(({ program, ...bind }) => {
        const test = isTestCode(module.file) || inTestFunction(node)
        const claim: Bind = {
          claim: 'bind',
          framework: program,
          language: 'python',
          ...bind,
          test,
          entries: entriesOf(evaluator, shape.call),
        }
        return { claim, origin: node.origin }
      })
    })
}

function wordsOf(evaluator: Evaluator, form: Form, given: CallArguments): readonly Word[] | undefined {
  const [first, second] = given.positional
  const list = first ?? given.keywords.get('args')
  if (list === undefined) return undefined
  const word = (text: string): Word => wordFrom({ kind: 'known', value: text, origin: list.node.origin })
  const shell = given.keywords.get('shell')?.node.kind === 'true'
  switch (form) {
    case 'list': {
      const thing = evaluator.ask(list)
      return shell || thing.kind === 'value'
        ? [word('sh'), word('-c'), wordFrom(valueOf(thing, list.node.origin))]
        : listed(evaluator, thing)
    }
    case 'text':
      return [word('sh'), word('-c'), wordFrom(evaluator.value(list))]
    case 'words':
      return given.positional.map((one) => argumentWord(evaluator.ask(one), one.node))
    case 'list-behind':
      return second === undefined
        ? undefined
        : withProgram(argumentWord(evaluator.ask(list), list.node), listed(evaluator, evaluator.ask(second)))
    case 'words-behind':
      return withProgram(
        argumentWord(evaluator.ask(list), list.node),
        given.positional.slice(1).map((one) => argumentWord(evaluator.ask(one), one.node)),
      )
    case 'uvicorn':
      return withProgram(word('uvicorn'), [word('uvicorn'), ...(listed(evaluator, evaluator.ask(list)) ?? [])])
    case 'django':
      return withProgram(word('manage.py'), listed(evaluator, evaluator.ask(list)))
    case 'django-words':
      return [word('manage.py'), ...given.positional.map((one) => argumentWord(evaluator.ask(one), one.node))]
    default:
      return form satisfies never
  }
}

/** The program that is started, with the words behind its own name. */
function withProgram(program: Word, words: readonly Word[] | undefined): readonly Word[] | undefined {
  return words === undefined ? undefined : [program, ...words.slice(1)]
}

function listed(evaluator: Evaluator, thing: Thing): readonly Word[] | undefined {
  if (thing.kind === 'sequence') return thing.items.map((item) => argumentWord(evaluator.ask(item), item.node))
  if (thing.kind === 'pieces' && thing.text.kind === 'known') {
    const { value, origin } = thing.text
    return String(value)
      .trim()
      .split(/\s+/)
      .map((text) => wordFrom({ kind: 'known', value: text, origin }))
  }
  return undefined
}

function argumentWord(thing: Thing, node: Node): Word {
  if (thing.kind === 'external' && thing.name === 'sys.executable') return wordFrom({ kind: 'known', value: 'python', origin: node.origin })
  return wordFrom(valueOf(thing, node.origin))
}

function wordFrom(text: Value): Word {
  return { text, shown: show(text.kind === 'known' ? String(text.value) : '…') }
}
