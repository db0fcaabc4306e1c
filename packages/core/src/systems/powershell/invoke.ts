import { ABSENT } from '../../evidence/index.ts'
import { directoryOf, nameOf } from '../paths.ts'
import { argumentsOf, bind, nativeWords } from './binding.ts'
import { CMDLETS } from './cmdlets.ts'
import { type Block, type Datum, plain, type Source, unknown } from './datum.ts'
import { evaluate } from './evaluate.ts'
import { filesNamed, slashed } from './locations.ts'
import { native } from './native.ts'
import type { Call, Runner } from './runner.ts'
import { originOf, type Surroundings } from './surroundings.ts'
import type { CommandSyntax, Expression } from './syntax.ts'

/** `Verb-Noun`: not a program. */
const CMDLET = /^[a-z]{2,20}-[a-z][a-z0-9]{1,60}$/i
/** Other names for cmdlets that matter here (about_Aliases). */
const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '%': 'foreach-object',
    '?': 'where-object',
    cat: 'get-content',
    cd: 'set-location',
    chdir: 'set-location',
    echo: 'write-output',
    foreach: 'foreach-object',
    gc: 'get-content',
    gcm: 'get-command',
    gi: 'get-item',
    gl: 'get-location',
    icm: 'invoke-command',
    iex: 'invoke-expression',
    ni: 'new-item',
    nv: 'new-variable',
    popd: 'pop-location',
    pushd: 'push-location',
    pwd: 'get-location',
    rd: 'remove-item',
    ri: 'remove-item',
    rm: 'remove-item',
    rvpa: 'resolve-path',
    sajb: 'start-job',
    saps: 'start-process',
    sc: 'set-content',
    set: 'set-variable',
    si: 'set-item',
    sl: 'set-location',
    start: 'start-process',
    sv: 'set-variable',
    where: 'where-object',
    write: 'write-output',
  }),
)

/** What a command does; what it puts out. */
export function invoke(command: CommandSyntax, input: Datum, at: Surroundings, runner: Runner): Datum {
  const origin = originOf(command, at)
  const [head, ...rest] = command.words
  if (head === undefined) return ABSENT
  const program = evaluate(head, at)
  const words = argumentsOf(rest, at)
  const call: Call = { words, input, at, origin, runner }
  if (program.kind === 'block') {
    return command.invocation === '.' ? inPlace(program, call) : runner.call(program, words, at, origin)
  }
  const text = plain(program)
  if (text === undefined) return native([...nativeWords([{ datum: program, origin, attached: false }]), ...nativeWords(words)], call)
  return named(text, command.invocation === '.', head, call) ?? native([program, ...nativeWords(words)], call)
}

function inPlace(block: Block, { at }: Call): Datum {
  return at.output(block.block.body, { ...at, source: block.source })
}

function named(text: string, inScope: boolean, head: Expression, call: Call): Datum | undefined {
  const { at, words, origin, runner } = call
  const lower = text.toLowerCase()
  const name = ALIASES.get(lower) ?? lower
  const body = at.scope.functions.get(lower)
  if (body !== undefined) return runner.call({ kind: 'block', ...body }, words, at, origin)
  const cmdlet = CMDLETS.get(name)
  if (cmdlet !== undefined) return cmdlet.run({ ...call, ...bind(words, cmdlet.parameters, true) })
  if (/\.ps1$/.test(lower)) return script(text, inScope, call)
  if (/\.(?:bat|cmd)$/.test(lower) && /[\\/]|^start/.test(lower))
    runner.problem('what a batch file starts is not followed', originOf(head, at))
  if (!CMDLET.test(name)) return undefined
  // Any other cmdlet starts nothing, but it may run the blocks that it is given.
  for (const { datum } of words) if (datum.kind === 'block') runner.maybe(() => runner.each(datum, [], at))
  return unknown(`the output of \`${name}\` is not followed`, origin)
}

/** Another script: in the same process, so that variables of the environment that it sets stay. */
function script(text: string, inScope: boolean, { at, words, origin, runner }: Call): Datum | undefined {
  const own = directoryOf(at.script ?? '')
  for (const path of filesNamed(text, at.scope, own)) {
    const passage = runner.context.sourced?.(path)
    if (passage === undefined) continue
    const before = runner.site
    runner.site ??= origin
    const scope = inScope ? at.scope : at.scope.copy()
    const source: Source = { passage, holes: [] }
    const datum = runner.script(source, { ...at, scope, source, script: path }, words, origin)
    runner.site = before
    if (inScope) scope.ended = false
    else at.scope.leave(scope)
    return datum
  }
  // Made by `python -m venv`: it changes only where programs are found.
  if (/^activate\.ps1$/i.test(nameOf(slashed(text)))) return ABSENT
  if (inScope) runner.problem('the script that is read in here is not in the folder', origin)
  return inScope ? ABSENT : undefined
}
