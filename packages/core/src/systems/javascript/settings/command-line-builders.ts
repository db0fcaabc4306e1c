import type { Node } from '../../tree.ts'
import { argumentsOf, bare, calleeOf, literalText, propertyName } from '../source/syntax.ts'
import type { Evaluator } from '../values/evaluator.ts'
import { choiceMeaning, type Frame, isNothing, type Meaning, NOTHING, unknownMeaning } from '../values/meaning.ts'
import { textsOf } from './option-names.ts'

/** What a program says of one option, to yargs or commander. */
export interface BuiltOption {
  readonly usual: Meaning
  /** Further names, without dashes. */
  readonly aliases: readonly string[]
  /** Variables that give it where the command line does not. */
  readonly variables: readonly string[]
}

/** Everything that the file says of an option: programs describe one command line, in one chain or several statements. */
export function builtOption(option: string, at: Node, frame: Frame | undefined, evaluator: Evaluator): BuiltOption {
  const module = evaluator.moduleOf(at)
  const callsOf = (name: string): readonly Node[] =>
    module?.calls(name).filter((call) => calleeOf(call)?.kind === 'member_expression') ?? []
  const ask = (node: Node | undefined): Meaning => (node === undefined ? NOTHING : evaluator.meaning(node, frame))
  const usual: Meaning[] = []
  const aliases = new Set<string>()
  const variables = new Set<string>()
  const describe = (described: Node, object: Node): void => {
    const meaning = ask(object)
    const found = evaluator.property(meaning, 'default', described)
    usual.push(isNothing(found) ? evaluator.property(meaning, 'defaultValue', described) : found)
    for (const name of textsOf(evaluator.property(meaning, 'alias', described), evaluator)) aliases.add(name)
  }
  // .option('-p, --port <port>', 'text', 3000), .option('port', { alias: 'p', default: 3000 })
  for (const call of [...callsOf('option'), ...callsOf('requiredOption')]) {
    const [flags, second, third, fourth] = argumentsOf(call)
    const written = literalText(flags) ?? ''
    if (!names(written, option)) continue
    for (const short of shortNames(written)) aliases.add(short)
    if (second !== undefined && bare(second).kind === 'object') describe(call, second)
    // Between the text and the default a function may stand that reads the word.
    else usual.push(ask(third !== undefined && ask(third).kind !== 'value' ? fourth : third))
  }
  // .options({ port: { alias: 'p', default: 3000 } })
  for (const call of callsOf('options')) {
    const [first] = argumentsOf(call)
    const object = first === undefined ? undefined : bare(first)
    const member = object?.kind === 'object' ? object.named.find((pair) => propertyName(pair.field('key')) === option) : undefined
    const value = member?.field('value')
    if (value !== undefined) describe(call, value)
  }
  // .alias('host', 'H'), .default('host', '127.0.0.1'), .env('APP')
  for (const call of callsOf('alias')) {
    const group = argumentsOf(call).flatMap((node) => textsOf(ask(node), evaluator))
    if (group.includes(option)) for (const name of group) if (name !== option) aliases.add(name)
  }
  for (const call of callsOf('default')) if (literalText(argumentsOf(call)[0]) === option) usual.push(ask(argumentsOf(call)[1]))
  for (const call of callsOf('env')) {
    const [first] = argumentsOf(call)
    // commander's `new Option(…).env('NAME')` is looked at below.
    if (optionBehind(call) !== undefined) continue
    const prefix = first === undefined ? '' : literalText(first)
    const name = option
      .replace(/[A-Z]/g, (letter) => `_${letter}`)
      .replaceAll('-', '_')
      .toUpperCase()
    if (prefix !== undefined)
      for (const one of [name, name.replaceAll('_', '')]) variables.add(prefix === '' ? one : `${prefix.replace(/_$/, '')}_${one}`)
    else usual.push(unknownMeaning('which variables are read is decided when it runs', call.origin))
  }
  // new Option('-H, --host <host>').env('HOST').default('127.0.0.1')
  for (const made of module?.calls('Option') ?? []) {
    const written = literalText(argumentsOf(made)[0]) ?? ''
    if (!names(written, option)) continue
    for (const short of shortNames(written)) aliases.add(short)
    for (const { name, call } of chainOn(made)) {
      const [first] = argumentsOf(call)
      if (name === 'default') usual.push(ask(first))
      if (name === 'env') for (const text of textsOf(ask(first), evaluator)) variables.add(text)
      if (name === 'preset') usual.push(ask(first))
    }
  }
  const given = usual.filter((one) => !isNothing(one))
  return { usual: given.length === 0 ? NOTHING : choiceMeaning(given, at.origin), aliases: [...aliases], variables: [...variables] }
}

/** Whether flags such as `-p, --max-port <port>` or `maxPort` name the option `maxPort`. */
function names(flags: string, option: string): boolean {
  const dashed = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return flags === option || flags === dashed || new RegExp(`(?:^|[\\s,|])--${dashed.replace(/[^\w-]/g, '')}(?![\\w-])`).test(flags)
}

/** `p` of `-p, --port <port>`. */
const shortNames = (flags: string): readonly string[] => [...flags.matchAll(/(?:^|[\s,|])-(\w)(?!\w)/g)].map((match) => match[1] ?? '')

/** The methods that are called of what an expression gives, one after the other. */
function chainOn(made: Node): readonly { readonly name: string; readonly call: Node }[] {
  const found: { readonly name: string; readonly call: Node }[] = []
  let current = made
  for (;;) {
    const member = current.parent
    const call = member?.kind === 'member_expression' && current.isField('object') ? member.parent : undefined
    const name = member?.field('property')?.content
    if (call?.kind !== 'call_expression' || name === undefined || calleeOf(call) !== member) return found
    found.push({ name, call })
    current = call
  }
}

/** The `new Option(…)` at the beginning of a chain of calls. */
function optionBehind(call: Node): Node | undefined {
  let current: Node | undefined = call
  for (let steps = 0; current?.kind === 'call_expression' && steps < 50; steps++) {
    const object: Node | undefined = calleeOf(current)?.field('object')
    current = object === undefined ? undefined : bare(object)
  }
  return current?.kind === 'new_expression' && /Option$/.test(calleeOf(current)?.content ?? '') ? current : undefined
}
