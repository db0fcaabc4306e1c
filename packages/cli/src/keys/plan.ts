import { Text } from '@sallyport/core/evidence'
import {
  assign,
  type Assignment,
  isAddressName,
  isDataKey,
  type Maker,
  makerOf,
  plainVariables,
  type PlainVariable,
  type Weakness,
  weaknessOf,
} from '@sallyport/core/systems'
import type { Policy } from '@sallyport/core/policy'
import { Failure } from '../failure.ts'
import { type KeyPlace, keysCommand } from './command.ts'

/** What is done with one key. No step holds a value. */
export type Step =
  | { readonly step: 'make'; readonly name: string; readonly why: Why }
  /** `until`: so long the value before it is kept, under another name, for servers that take both; absent: not at all. */
  | { readonly step: 'rotate'; readonly name: string; readonly until?: string }
  | { readonly step: 'drop'; readonly name: string }
  | { readonly step: 'keep'; readonly name: string; readonly weakness?: Weakness }

export type Why = 'missing' | 'empty' | 'placeholder' | 'default' | 'example'

/** A variable that has no value of its own yet, and that nobody but a person can give one. */
export interface Wanting {
  readonly name: string
  readonly maker: Maker | undefined
}

export interface Plan {
  readonly steps: readonly Step[]
  readonly wanting: readonly Wanting[]
  /** Keys of others, where they have to be changed, and those that stored data is read with. */
  readonly others: readonly Wanting[]
  /** The whole file as it will be; the same as before where no step changes it. */
  readonly text: string
}

/** A new random text: at least 32 bytes, in letters that need no quotes anywhere (base64url, RFC 4648 §5). */
export type MakeKey = () => string

const PREVIOUS = '_PREVIOUS'
const UNTIL = '_PREVIOUS_UNTIL'
const isTurn = (name: string): boolean => name.endsWith(PREVIOUS) || name.endsWith(UNTIL)

/** The keys that a policy's services need: with `http.auth: key`, or behind another service's `routes`; tokens where users sign in. */
export function keysOf(policy: Policy | undefined): readonly string[] {
  const services = [...(policy?.services.values() ?? [])]
  const isBehind = services.some(({ routes }) => routes.length > 0)
  return [
    ...(services.some(({ http }) => http?.auth === 'key') || isBehind ? ['INTERNAL_API_KEY'] : []),
    ...(services.some(({ http }) => http?.auth === 'user') ? ['JWT_SECRET'] : []),
  ]
}

export interface GenerateInput {
  /** `undefined`: there is no file yet; it begins as the example. */
  readonly text: string | undefined
  readonly example: string | undefined
  /** Names that the policy asks for. */
  readonly wanted: readonly string[]
  /** Names that the caller asks for: they are made whoever else has to know them, and nothing is said of others. Empty: all of the deployment's own. */
  readonly asked: readonly string[]
}

/** Gives every key of the deployment's own a value, and keeps each that has a real one. */
export function planGenerate({ text, example, wanted, asked }: GenerateInput, make: MakeKey): Plan {
  const there = variablesOf(text ?? example ?? '')
  const shown = variablesOf(example ?? '')
  const known = [...new Set([...there.keys(), ...shown.keys(), ...wanted])].filter((name) => !isTurn(name))
  refuseUnmakeable(asked, there)
  const names = asked.length > 0 ? asked : known.filter((name) => makerOf(name)?.kind === 'own')
  const steps = names.map((name): Step => {
    const why = reasonToMake(name, there.get(name), shown.get(name), text === undefined)
    if (why !== undefined) return { step: 'make', name, why }
    const weakness = weaknessIn(there.get(name))
    return { step: 'keep', name, ...(weakness === undefined ? {} : { weakness }) }
  })
  const sets = steps.flatMap((step): readonly Assignment[] =>
    step.step === 'make' ? [{ kind: 'set', name: step.name, value: make() }] : [],
  )
  return {
    steps,
    wanting: (asked.length > 0 ? [] : known.filter((name) => !names.includes(name))).flatMap((name) =>
      wantingOf(name, there.get(name), shown.get(name)),
    ),
    others: [],
    text: edited(text ?? example ?? '', sets),
  }
}

export interface RotateInput {
  readonly text: string
  /** Empty: every key of the deployment's own, but for those that stored data is read with. */
  readonly asked: readonly string[]
  /** Milliseconds since the epoch: so long servers are meant to take the old keys too; `undefined`: no longer than until the next start (an incident). */
  readonly until: number | undefined
  readonly now: number
  readonly place: KeyPlace
}

/** New keys in place of old ones. */
export function planRotate({ text, asked, until, now, place }: RotateInput, make: MakeKey): Plan {
  const there = variablesOf(text)
  refuseUnmakeable(asked, there)
  const own = [...there.keys()].filter((name) => !isTurn(name) && makerOf(name)?.kind === 'own')
  const names = asked.length > 0 ? asked : own.filter((name) => !isDataKey(name))
  const unknown = names.find((name) => there.get(name)?.value === undefined || there.get(name)?.value === '')
  if (unknown !== undefined)
    throw new Failure(
      `${unknown} has no value of its own in this file`,
      `give it one with ${keysCommand(`generate ${unknown}`, place)}, or change it where it is set`,
    )
  const running = until === undefined ? undefined : names.find((name) => isRunning(there.get(`${name}${UNTIL}`), now))
  if (running !== undefined)
    throw new Failure(
      `the key before ${running} is still valid until ${there.get(`${running}${UNTIL}`)?.value}: a second rotation would end it sooner`,
      `end it with ${keysCommand(`rotate --finish ${running}`, place)}, or rotate without overlap: --incident`,
    )
  const time = until === undefined ? undefined : timeText(until)
  const steps = names.flatMap((name): readonly Step[] => [
    { step: 'rotate', name, ...(time === undefined || !isWorthKeeping(there.get(name)) ? {} : { until: time }) },
    ...(time === undefined && there.has(`${name}${PREVIOUS}`) ? [{ step: 'drop', name: `${name}${PREVIOUS}` } as const] : []),
  ])
  const changes = steps.flatMap((step): readonly Assignment[] => {
    if (step.step === 'drop') return dropOf(step.name)
    if (step.step !== 'rotate') return []
    const { name } = step
    const set: Assignment = { kind: 'set', name, value: make() }
    // Lines that are added stand right behind the key’s, in this order.
    return step.until === undefined
      ? [set]
      : [
          { kind: 'copy', name: `${name}${PREVIOUS}`, from: name },
          { kind: 'set', name: `${name}${UNTIL}`, value: step.until, after: name },
          set,
        ]
  })
  const others = asked.length > 0 ? [] : [...wantingData(own.filter(isDataKey)), ...othersIn(there)]
  return { steps, wanting: [], others, text: edited(text, changes) }
}

/** Ends the overlap: the keys before are valid no longer. One that stored data is read with goes only where it is named. */
export function planFinish(text: string, asked: readonly string[]): Plan {
  const there = variablesOf(text)
  const turns = [...there.keys()].filter((name) => name.endsWith(PREVIOUS))
  const names = turns.filter((name) => (asked.length === 0 ? !isDataKey(name) : asked.includes(name.slice(0, -PREVIOUS.length))))
  return {
    steps: names.map((name) => ({ step: 'drop', name })),
    wanting: [],
    others: asked.length === 0 ? wantingData(turns.filter((name) => isDataKey(name))) : [],
    text: edited(text, names.flatMap(dropOf)),
  }
}

/** A key that is valid beside another one although its time is over; with that time. */
export function overdue(text: string, now: number): readonly { readonly name: string; readonly until: string }[] {
  const there = variablesOf(text)
  return [...there.values()].flatMap((variable) => {
    const { name, value = '' } = variable
    return name.endsWith(UNTIL) && there.has(name.replace(UNTIL, PREVIOUS)) && !isRunning(variable, now)
      ? [{ name: name.replace(UNTIL, PREVIOUS), until: value }]
      : []
  })
}

/** What no random text can be: a key that only its issuer gives out, and an address. Throws `Failure` for the first of them. */
function refuseUnmakeable(names: readonly string[], there: ReadonlyMap<string, PlainVariable>): void {
  for (const name of names) {
    const maker = makerOf(name)
    if (maker?.kind === 'issuer')
      throw new Failure(
        `only ${maker.who} makes ${name}, and a random text in its place would not be taken there`,
        `make a new one (${maker.where}), write it into the file, restart what uses it, and end the old one there`,
      )
    if (isAddressName(name) || /^[a-z][a-z0-9+.-]*:\/\//i.test(there.get(name)?.value ?? ''))
      throw new Failure(`${name} is an address, and no random text can take its place`, 'change the password that is in it by hand')
  }
}

const dropOf = (name: string): readonly Assignment[] => [
  { kind: 'drop', name },
  { kind: 'drop', name: name.replace(PREVIOUS, UNTIL) },
]

const variablesOf = (text: string): ReadonlyMap<string, PlainVariable> => plainVariables(new Text('.env', text))

/** RFC 3339, in seconds: no letter that a shell or dotenv takes for anything else. */
const timeText = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')

function isRunning(until: PlainVariable | undefined, now: number): boolean {
  return Date.parse(until?.value ?? '') > now
}

/** What everybody knows is not valid for a moment longer. */
function isWorthKeeping(variable: PlainVariable | undefined): boolean {
  const weakness = weaknessIn(variable)
  return weakness !== 'placeholder' && weakness !== 'default'
}

function weaknessIn(variable: PlainVariable | undefined): Weakness | undefined {
  return variable?.value === undefined ? undefined : weaknessOf(variable.value, 'key')
}

function reasonToMake(
  name: string,
  variable: PlainVariable | undefined,
  example: PlainVariable | undefined,
  isCopy: boolean,
): Why | undefined {
  if (variable === undefined) return 'missing'
  if (variable.value === undefined) return undefined
  if (variable.value === '') return 'empty'
  const weakness = weaknessIn(variable)
  if (weakness === 'placeholder' || weakness === 'default') return weakness
  // What stands in an example is known to everybody who has the repository.
  return isCopy || (example?.value === variable.value && makerOf(name) !== undefined) ? 'example' : undefined
}

function wantingOf(name: string, variable: PlainVariable | undefined, example: PlainVariable | undefined): readonly Wanting[] {
  const maker = makerOf(name)
  // What the example leaves empty may stay so.
  if (variable === undefined) return example === undefined || (example.value === '' && maker === undefined) ? [] : [{ name, maker }]
  if (variable.value === undefined || (variable.value === '' && maker === undefined)) return []
  const weakness = variable.value === '' ? 'placeholder' : weaknessOf(variable.value, 'password')
  return weakness === 'placeholder' && (maker !== undefined || /^(?:<|your[_-])/i.test(variable.value)) ? [{ name, maker }] : []
}

const wantingData = (names: readonly string[]): readonly Wanting[] => names.map((name) => ({ name, maker: makerOf(name) }))

function othersIn(there: ReadonlyMap<string, PlainVariable>): readonly Wanting[] {
  return [...there.keys()]
    .filter((name) => !isTurn(name))
    .flatMap((name) => {
      const maker = makerOf(name)
      return maker === undefined || maker.kind === 'own' ? [] : [{ name, maker }]
    })
}

function edited(text: string, assignments: readonly Assignment[]): string {
  const result = assign(text, assignments)
  if (result.kind === 'text') return result.text
  throw new Failure(`line ${result.line} of the file cannot be changed: ${result.why}`, 'write it as NAME=value, on one line')
}
