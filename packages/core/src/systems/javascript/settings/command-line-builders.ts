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

/** What one call says of an option. */
interface Said {
  readonly usual?: readonly Meaning[]
  readonly aliases?: readonly string[]
  readonly variables?: readonly string[]
}

/** The option that is asked about, and the file that may describe it. */
interface Asked {
  readonly option: string
  readonly evaluator: Evaluator
  /** The calls of a function or class in the file. */
  calls(name: string): readonly Node[]
  meaning(node: Node | undefined): Meaning
}

/** Everything that the file says of an option: programs describe one command line, in one chain or several statements. */
export function builtOption(option: string, at: Node, frame: Frame | undefined, evaluator: Evaluator): BuiltOption {
  const module = evaluator.moduleOf(at)
  const asked: Asked = {
    option,
    evaluator,
    calls: (name) => module?.calls(name) ?? [],
    meaning: (node) => (node === undefined ? NOTHING : evaluator.meaning(node, frame)),
  }
  const said = [byOption, byOptions, byAlias, byDefault, byPrefix, byClass].flatMap((read) => read(asked))
  const usual = said.flatMap((one) => one.usual ?? []).filter((one) => !isNothing(one))
  return {
    usual: usual.length === 0 ? NOTHING : choiceMeaning(usual, at.origin),
    aliases: [...new Set(said.flatMap((one) => one.aliases ?? []))],
    variables: [...new Set(said.flatMap((one) => one.variables ?? []))],
  }
}

/** `.option('-p, --port <port>', 'text', 3000)`, `.option('port', { alias: 'p', default: 3000 })`. */
function byOption(asked: Asked): readonly Said[] {
  return [...methodCalls('option', asked), ...methodCalls('requiredOption', asked)].flatMap((call): readonly Said[] => {
    const [flags, second, third, fourth] = argumentsOf(call)
    const written = literalText(flags) ?? ''
    if (!names(written, asked.option)) return []
    const aliases = shortNames(written)
    if (second !== undefined && bare(second).kind === 'object') return [{ aliases }, describedBy(second, call, asked)]
    // Between the text and the default a function may stand that reads the word.
    const isReader = third !== undefined && asked.meaning(third).kind !== 'value'
    return [{ aliases, usual: [asked.meaning(isReader ? fourth : third)] }]
  })
}

/** `.options({ port: { alias: 'p', default: 3000 } })`. */
function byOptions(asked: Asked): readonly Said[] {
  return methodCalls('options', asked).flatMap((call) => {
    const [first] = argumentsOf(call)
    const object = first === undefined ? undefined : bare(first)
    const member = object?.kind === 'object' ? object.named.find((pair) => propertyName(pair.field('key')) === asked.option) : undefined
    const value = member?.field('value')
    return value === undefined ? [] : [describedBy(value, call, asked)]
  })
}

/** `.alias('host', 'H')`. */
function byAlias({ option, evaluator, ...asked }: Asked): readonly Said[] {
  return methodCalls('alias', asked).flatMap((call) => {
    const group = argumentsOf(call).flatMap((node) => textsOf(asked.meaning(node), evaluator))
    return group.includes(option) ? [{ aliases: group.filter((name) => name !== option) }] : []
  })
}

/** `.default('host', '127.0.0.1')`. */
function byDefault({ option, ...asked }: Asked): readonly Said[] {
  return methodCalls('default', asked).flatMap((call) => {
    const [name, value] = argumentsOf(call)
    return literalText(name) === option ? [{ usual: [asked.meaning(value)] }] : []
  })
}

/** `.env('APP')`: of every option, the variable that is named so. */
function byPrefix({ option, ...asked }: Asked): readonly Said[] {
  const name = option
    .replace(/[A-Z]/g, (letter) => `_${letter}`)
    .replaceAll('-', '_')
    .toUpperCase()
  return methodCalls('env', asked).flatMap((call): readonly Said[] => {
    // commander's `new Option(…).env('NAME')` is another.
    if (optionBehind(call) !== undefined) return []
    const [first] = argumentsOf(call)
    const prefix = first === undefined ? '' : literalText(first)
    if (prefix === undefined) return [{ usual: [unknownMeaning('which variables are read is decided when it runs', call.origin)] }]
    const before = prefix === '' ? '' : `${prefix.replace(/_$/, '')}_`
    return [{ variables: [name, name.replaceAll('_', '')].map((one) => before + one) }]
  })
}

/** `new Option('-H, --host <host>').env('HOST').default('127.0.0.1')`. */
function byClass({ option, evaluator, ...asked }: Asked): readonly Said[] {
  return asked.calls('Option').flatMap((made): readonly Said[] => {
    const written = literalText(argumentsOf(made)[0]) ?? ''
    if (!names(written, option)) return []
    const said = chainOn(made).map(({ name, call }): Said => {
      const value = (): Meaning => asked.meaning(argumentsOf(call)[0])
      if (name === 'env') return { variables: textsOf(value(), evaluator) }
      return name === 'default' || name === 'preset' ? { usual: [value()] } : {}
    })
    return [{ aliases: shortNames(written) }, ...said]
  })
}

function describedBy(object: Node, at: Node, { evaluator, meaning }: Asked): Said {
  const described = meaning(object)
  const found = evaluator.property(described, 'default', at)
  return {
    usual: [isNothing(found) ? evaluator.property(described, 'defaultValue', at) : found],
    aliases: textsOf(evaluator.property(described, 'alias', at), evaluator),
  }
}

function methodCalls(name: string, { calls }: Pick<Asked, 'calls'>): readonly Node[] {
  return calls(name).filter((call) => calleeOf(call)?.kind === 'member_expression')
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
