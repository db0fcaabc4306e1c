import { ABSENT, type Value } from '../../evidence/index.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { wordsIn } from '../batch/values.ts'
import { passageAt } from '../passage.ts'
import { isLiteral, templateOf } from '../programs/template.ts'
import { IN_FOLDER } from '../shell/expand.ts'
import { type Bound, nativeWords, type ParameterName } from './binding.ts'
import { sourceOf } from './children.ts'
import { type Datum, isValue, type Item, itemsOf, known, listOf, plain, textOf, unknown } from './datum.ts'
import { goTo, joinedPath, locationAfter, slashed } from './locations.ts'
import { native } from './native.ts'
import type { Call } from './runner.ts'
import { variable } from './variables.ts'

type BoundCall = Call & Bound

/** A cmdlet that matters here. */
export interface Cmdlet {
  readonly parameters: readonly ParameterName[]
  /** What it does and puts out. */
  run(call: BoundCall): Datum
}

const ENVIRONMENT_FILE = /(?:^|[\\/\0])\.?[\w.-]*\.?env(?:\.[\w.-]+)?$/i
const PATH: ParameterName = { name: 'Path', aliases: ['LiteralPath', 'PSPath', 'lp'] }

function switches(...names: readonly string[]): readonly ParameterName[] {
  return names.map((name) => ({ name, isSwitch: true }))
}

function names(...parameters: readonly string[]): readonly ParameterName[] {
  return parameters.map((name) => ({ name }))
}

function only(...parameters: readonly string[]): readonly ParameterName[] {
  return parameters.map((name) => ({ name, isNamedOnly: true }))
}

const START_PROCESS: Cmdlet = {
  parameters: [
    { name: 'FilePath', aliases: ['PSPath', 'Path'] },
    { name: 'ArgumentList', aliases: ['Args'] },
    ...only('WorkingDirectory', 'Verb', 'WindowStyle', 'Credential', 'Environment', 'RedirectStandardInput'),
    { name: 'RedirectStandardOutput', aliases: ['RSO'], isNamedOnly: true },
    { name: 'RedirectStandardError', aliases: ['RSE'], isNamedOnly: true },
    ...switches('NoNewWindow', 'Wait', 'PassThru', 'LoadUserProfile', 'UseNewEnvironment'),
  ],
  run: (call) => started(call, call.given.get('filepath'), call.given.get('argumentlist')),
}

const LOCATION: readonly ParameterName[] = [PATH, { name: 'StackName', isNamedOnly: true }, ...switches('PassThru')]
const JOB: readonly ParameterName[] = [
  { name: 'ScriptBlock', aliases: ['Command'] },
  ...only('Name', 'FilePath', 'ArgumentList', 'InitializationScript', 'WorkingDirectory', 'ComputerName', 'Session', 'InputObject'),
  ...switches('RunAs32', 'AsJob', 'NoNewScope'),
]
const ITEM: readonly ParameterName[] = [
  PATH,
  { name: 'Value' },
  ...only('ItemType', 'Name', 'Encoding', 'Options'),
  ...switches('Force', 'Recurse'),
]

/** By name in lower case. Other cmdlets start nothing. */
export const CMDLETS: ReadonlyMap<string, Cmdlet> = new Map<string, Cmdlet>([
  ['start-process', START_PROCESS],
  [
    'new-scheduledtaskaction',
    {
      parameters: only('Execute', 'Argument', 'WorkingDirectory', 'Id'),
      run: (call) => started(call, call.given.get('execute'), call.given.get('argument')),
    },
  ],
  [
    'new-service',
    {
      parameters: [...names('Name', 'BinaryPathName'), ...only('DisplayName', 'Description', 'StartupType', 'DependsOn', 'Credential')],
      run: (call) => started(call, undefined, call.given.get('binarypathname')),
    },
  ],
  ['start-job', { parameters: JOB, run: job }],
  ['start-threadjob', { parameters: JOB, run: job }],
  ['invoke-command', { parameters: JOB, run: job }],
  ['invoke-expression', { parameters: names('Command'), run: expression }],
  [
    'foreach-object',
    {
      parameters: [{ name: 'Process' }, ...only('Begin', 'End', 'MemberName', 'ThrottleLimit'), { name: 'Parallel', isNamedOnly: true }],
      run: each,
    },
  ],
  ['where-object', { parameters: names('FilterScript', 'Value'), run: ({ input }) => input }],
  ['set-location', { parameters: LOCATION, run: (call) => move(call, pathOf(call)) }],
  ['push-location', { parameters: LOCATION, run: pushLocation }],
  ['pop-location', { parameters: LOCATION, run: popLocation }],
  ['get-location', { parameters: LOCATION, run: ({ at, origin }) => variable('variable', 'pwd', at, origin) }],
  [
    'join-path',
    { parameters: [PATH, { name: 'ChildPath' }, { name: 'AdditionalChildPath', takesRest: true }, ...switches('Resolve')], run: joinPaths },
  ],
  [
    'split-path',
    { parameters: [PATH, ...switches('Parent', 'Leaf', 'LeafBase', 'Qualifier', 'NoQualifier', 'Resolve', 'IsAbsolute')], run: splitPath },
  ],
  ['resolve-path', { parameters: [PATH, ...switches('Relative')], run: pathOf }],
  ['convert-path', { parameters: [PATH], run: pathOf }],
  ['get-item', { parameters: [PATH, ...switches('Force')], run: pathOf }],
  [
    'get-command',
    {
      parameters: [{ name: 'Name' }, ...only('CommandType', 'Module'), ...switches('All')],
      run: ({ given }) => given.get('name') ?? ABSENT,
    },
  ],
  ['get-content', { parameters: [PATH, ...only('Encoding', 'TotalCount', 'Tail', 'Delimiter'), ...switches('Raw', 'Wait')], run: content }],
  ['set-item', { parameters: ITEM, run: setItem }],
  ['new-item', { parameters: ITEM, run: setItem }],
  ['set-content', { parameters: ITEM, run: setItem }],
  ['remove-item', { parameters: ITEM, run: setItem }],
  ['set-variable', { parameters: [...names('Name', 'Value'), ...only('Scope', 'Option'), ...switches('Force')], run: setVariable }],
  ['new-variable', { parameters: [...names('Name', 'Value'), ...only('Scope', 'Option'), ...switches('Force')], run: setVariable }],
  ['new-object', { parameters: [...names('TypeName', 'ArgumentList'), ...only('Property')], run: newObject }],
  [
    'write-output',
    {
      parameters: [{ name: 'InputObject', takesRest: true }, ...switches('NoEnumerate')],
      run: ({ given }) => given.get('inputobject') ?? ABSENT,
    },
  ],
  ['new-netfirewallrule', { parameters: [], run: firewallRule }],
  ['out-null', { parameters: [], run: () => ABSENT }],
])

/** A program and its arguments, which are put together as one line and cut again by the program (about Start-Process: -ArgumentList). */
function started(call: BoundCall, file: Datum | undefined, list: Datum | undefined): Datum {
  const { at, origin, given } = call
  const scope = at.scope.copy()
  const directory = given.get('workingdirectory')
  if (directory !== undefined) {
    goTo(plain(directory), scope, call.runner.context)
  }
  const set = given.get('environment')
  const environment = new Map(
    set?.kind === 'table'
      ? [...set.entries].flatMap(([name, value]) => (isValue(value) ? [[name.toUpperCase(), value] as const] : []))
      : [],
  )
  native(
    [...(file === undefined ? [] : itemsOf(file)), ...itemsOf(list ?? ABSENT).flatMap((item) => cutWords(item, call))],
    { ...call, at: { ...at, scope } },
    environment,
  )
  return unknown('a process', origin)
}

function cutWords(item: Item, call: Call): readonly Item[] {
  if (item.kind === 'fork') return [{ kind: 'fork', ways: item.ways.map((way) => way.flatMap((inner) => cutWords(inner, call))) }]
  if (item.kind === 'block') return [item]
  const value = textOf(item, call.origin)
  if (value.kind === 'choice') return [{ kind: 'fork', ways: value.options.map((option) => cutWords(option, call)) }]
  const template = templateOf(value)
  if (template === undefined) return []
  return wordsIn({ passage: passageAt(template.text, template.origin), holes: template.holes }).map((word) => word.value)
}

/** A block, or a script, in a process or thread of its own. */
function job({ given, rest, at, origin, runner, ...call }: BoundCall): Datum {
  const block = given.get('scriptblock') ?? given.get('filepath')
  const words = [...itemsOf(given.get('argumentlist') ?? ABSENT), ...rest].map((datum) => ({ datum, origin, attached: false }))
  const scope = at.scope.copy()
  const inside = { ...at, scope }
  if (block?.kind === 'block') runner.call(block, words, inside, origin)
  else if (given.has('filepath') && block !== undefined) {
    const file = [known('pwsh', origin), known('-File', origin), block, ...words.map((word) => word.datum)]
    native(file, { ...call, at: inside, origin, runner })
  } else runner.problem('what this job runs is not known', origin)
  return unknown('a job', origin)
}

function expression({ given, input, at, origin, runner }: BoundCall): Datum {
  const source = sourceOf([given.get('command') ?? input], origin)
  if (source === undefined || (source.holes.length > 0 && !isLiteral(source.passage.content.trimStart().slice(0, 1)))) {
    runner.problem('what `Invoke-Expression` runs is not known', origin)
    return unknown('what `Invoke-Expression` puts out is not known', origin)
  }
  return runner.script(source, at, [], origin)
}

function each({ given, rest, input, at, runner }: BoundCall): Datum {
  let datum: Datum = ABSENT
  for (const block of [...given.values(), ...rest]) if (block.kind === 'block') datum = runner.each(block, itemsOf(input), at)
  return datum
}

function pathOf({ given, input }: BoundCall): Datum {
  return given.get('path') ?? input
}

function move({ at, runner }: BoundCall, datum: Datum): Datum {
  goTo(plain(datum), at.scope, runner.context)
  return ABSENT
}

function pushLocation(call: BoundCall): Datum {
  const { scope } = call.at
  scope.locations = [...scope.locations, scope.directory].slice(-16)
  return call.given.has('path') ? move(call, pathOf(call)) : ABSENT
}

function popLocation({ at }: BoundCall): Datum {
  const { scope } = at
  scope.directory = scope.locations.at(-1)
  scope.locations = scope.locations.slice(0, -1)
  return ABSENT
}

function joinPaths({ given, input, origin }: BoundCall): Datum {
  const parts = [given.get('path') ?? input, given.get('childpath') ?? ABSENT, ...itemsOf(given.get('additionalchildpath') ?? ABSENT)]
  return parts.reduce<Value>(
    (path, part) => joinedPath(path, part.kind === 'fork' ? unknown('a path that is not known', origin) : textOf(part, origin), origin),
    ABSENT,
  )
}

function splitPath(call: BoundCall): Datum {
  const datum = pathOf(call)
  const text = plain(datum)
  if (text === undefined || datum.kind !== 'known') return unknown('a part of a path that is not known', call.origin)
  return { ...datum, value: call.given.has('leaf') ? nameOf(slashed(text)) : parentOf(text) }
}

/** The directory that a path is in. */
function parentOf(text: string): string {
  const path = slashed(text).replace(/\/$/, '')
  return path.startsWith(IN_FOLDER) ? IN_FOLDER + directoryOf(path.slice(1)) : directoryOf(path)
}

function content(call: BoundCall): Datum {
  const { at, origin } = call
  const text = plain(pathOf(call))
  if (text !== undefined && text.length <= 512 && ENVIRONMENT_FILE.test(text)) {
    const directory = locationAfter(text, at.scope.directory ?? '')
    if (directory !== undefined) at.scope.filesRead = [...new Set([...at.scope.filesRead, directory])].slice(0, 16)
  }
  return unknown('what stands in a file', origin)
}

/** `Set-Item Env:NAME value`. */
function setItem({ given, at, origin }: BoundCall): Datum {
  const path = given.get('path')
  const text = path?.kind === 'joined' ? plain(path.parts[0]) : plain(path)
  const name = /^env:[\\/]?(.*)$/is.exec(text ?? '')?.[1]
  if (name === undefined || path === undefined) return unknown('an item', origin)
  const value = textOf(given.get('value') ?? ABSENT, origin)
  at.setEnvironment(path.kind === 'joined' ? undefined : name, value, at, origin)
  return ABSENT
}

function setVariable({ given, at, origin }: BoundCall): Datum {
  const name = plain(given.get('name'))
  if (name === undefined) at.problem('which variable is set is not known', origin)
  else at.scope.assign(name.toLowerCase(), given.get('value') ?? ABSENT, origin, given.has('scope'))
  return ABSENT
}

function newObject({ given, origin }: BoundCall): Datum {
  const type = plain(given.get('typename')) ?? ''
  const properties = given.get('property')
  if (properties !== undefined) return properties
  return /list/i.test(type) ? listOf([]) : unknown(`an object of \`${type.slice(0, 60)}\``, origin)
}

/** It starts nothing, but what it lets through is worth telling. */
function firewallRule(call: BoundCall): Datum {
  return native([known('New-NetFirewallRule', call.origin), ...nativeWords(call.words)], call)
}
