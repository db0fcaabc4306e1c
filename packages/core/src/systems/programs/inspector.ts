import { ABSENT, type CommandBind, type Setting, type Value } from '../../evidence/index.ts'
import { readEndpoint } from './endpoint.ts'
import { DEBUGGERS, type Interpreter, NODE } from './interpreters.ts'
import { type Given, parseOptions } from './options.ts'
import { cut, fill, type Template, templateOf } from './template.ts'

/** Where the options of a runtime open its debugger. `--inspect-port` says where, and opens nothing by itself (nodejs.org/api/cli.html). */
export function debuggersOf(
  language: Interpreter['language'],
  given: readonly Given[],
  environment: ReadonlyMap<string, Setting>,
): readonly CommandBind[] {
  const { program, host, port } = language === 'python' ? DEBUGGERS.python : DEBUGGERS.javascript
  const at = given.findLast(({ role }) => role === 'inspect-address')?.value
  return given.flatMap(({ role, value = at }): readonly CommandBind[] => {
    if (role !== 'inspect' && role !== 'endpoint') return []
    const end = readEndpoint(value === undefined ? ABSENT : fill(value.text, value), { bare: 'either', every: '*' }, environment)
    if (end.kind === 'elsewhere') return []
    return [{ program, protocol: 'tcp', host: end.host, port: end.port, defaultHost: host, defaultPort: port }]
  })
}

/** How deep a value of `NODE_OPTIONS` is looked into that is one of several. */
const DEPTH = 6

/** Where `NODE_OPTIONS` opens the inspector, in whichever of its values; words that are not known open nothing. */
export function debuggersOfNodeOptions(
  options: Value,
  environment: ReadonlyMap<string, Setting>,
  depth: number = DEPTH,
): readonly CommandBind[] {
  if (depth === 0) return []
  const inside = (values: readonly Value[]): readonly CommandBind[] =>
    values.flatMap((value) => debuggersOfNodeOptions(value, environment, depth - 1))
  switch (options.kind) {
    case 'known':
    case 'joined': {
      const template = templateOf(options)
      return template === undefined ? [] : inText(template, environment)
    }
    case 'environment':
      return inside([options.fallback, options.whenSet ?? ABSENT])
    case 'argument':
      return inside([options.fallback])
    case 'choice':
      return inside(options.options)
    case 'absent':
    case 'unknown':
      return []
    default:
      return options satisfies never
  }
}

function inText(template: Template, environment: ReadonlyMap<string, Setting>): readonly CommandBind[] {
  const words = template.text.split(/\s+/).flatMap((word) => (word === '' ? [] : [cut(template, word.replace(/^(["'])(.*)\1$/s, '$2'))]))
  const { given } = parseOptions(words, { options: NODE, unlisted: 'switch' })
  return debuggersOf('javascript', given, environment)
}
