import { CommandFailed } from '../process.ts'
import { countDecisions } from './decisions.ts'
import { IptablesRules } from './iptables.ts'
import { agrees, type Judgement, judge, type Printed, readCapture, type Surroundings, wayOf } from './judge.ts'
import { KINDS, type Kind, type Loaded } from './kinds.ts'
import type { Shot } from './network.ts'
import { Random } from './random.ts'
import { ownShots } from './own.ts'
import type { Recorder } from './recording.ts'
import { isAsMeant, meantText } from './rendered.ts'
import { Scene } from './scene.ts'
import { shots } from './shots.ts'
import type { Tally } from './tally.ts'

export interface Disagreement {
  /** `KIND:SEED` */
  readonly id: string
  readonly shot: Shot
  readonly said: string
  readonly seen: string
  /** The rules and policies that decided, as the computed way names them. */
  readonly way: readonly string[]
}

export interface Settings {
  /** Sent through each ruleset. */
  readonly packets: number
  /** Of each ruleset: how often a packet is computed again with a rule changed, for the table of features. */
  readonly walks: number
  readonly tally: Tally
  readonly recorder?: Recorder
}

/** How long silence lasts before it counts as a drop; and where the packet should have passed, when it is sent again. */
const TIMEOUT_MS = 200
const PATIENT_MS = 2000

/** Scenes by back end, made when they are first needed. */
export class Scenes {
  readonly #made = new Map<string, Promise<Scene>>()

  get({ backend }: Kind): Promise<Scene> {
    const scene = this.#made.get(backend) ?? make(backend)
    this.#made.set(backend, scene)
    return scene
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#made.values()].map(async (scene) => (await scene).lab.close()))
  }
}

async function make(backend: Kind['backend']): Promise<Scene> {
  const scene = await Scene.create(backend)
  await scene.server.run(['ipset', 'restore'], { input: IptablesRules.sets() })
  return scene
}

/** Loads the ruleset of the seed, sends packets through it and returns those that went another way than computed. `undefined`: the tool refused it. */
export async function tryRuleset(scenes: Scenes, id: string, settings: Settings): Promise<readonly Disagreement[] | undefined> {
  const [name = '', seed] = id.split(':')
  const kind = KINDS[name]
  if (kind === undefined) throw new RangeError(`no kind of ruleset is called '${name}'; there are ${Object.keys(KINDS).join(', ')}`)
  const scene = await scenes.get(kind)
  const random = new Random(Number(seed))
  const load = async (): Promise<Loaded> => {
    await scene.server.flushFilters()
    return (await kind.load(scene, random)) ?? {}
  }
  let loaded: Loaded
  try {
    loaded = await load()
  } catch (error) {
    if (kind.text && error instanceof CommandFailed) return undefined
    throw error
  }
  const packets = kind.own === true ? ownShots(random, settings.packets) : shots(random, settings.packets, loaded.targets)
  const reload = async (): Promise<void> => {
    if (!kind.text) return scene.server.flushConnections()
    await scene.server.flushFilters()
    await kind.load(scene, new Random(Number(seed)))
  }
  const { meant } = loaded
  const found = await compare(scene, kind, { id, packets, reload, ...(meant === undefined ? {} : { meant }) }, settings)
  const also = (await loaded.also?.()) ?? []
  await loaded.clear?.()
  settings.tally.rulesets.set(name, (settings.tally.rulesets.get(name) ?? 0) + 1)
  return [...found, ...also.map((one) => ({ ...one, id }))]
}

/** A ruleset that once was computed wrongly: `NAME.nft`, `NAME.iptables` or `NAME.ip6tables`; `own-NAME` for what the server itself sends. */
export async function tryRegression(scenes: Scenes, name: string, text: string, settings: Settings): Promise<readonly Disagreement[]> {
  const kind = KINDS['nft'] as Kind
  const scene = await scenes.get(kind)
  const { server } = scene
  const reload = async (): Promise<void> => {
    await server.flushFilters()
    if (name.endsWith('.nft')) await server.nft(text)
    else if (name.endsWith('.ip6tables')) await server.ip6tables(text)
    else await server.iptables(text)
  }
  await reload()
  settings.tally.rulesets.set('regression', (settings.tally.rulesets.get('regression') ?? 0) + 1)
  const packets = name.startsWith('own-') ? ownShots(new Random(1), settings.packets) : shots(new Random(1), settings.packets)
  return compare(scene, kind, { id: name, packets, reload }, settings)
}

interface Trial {
  readonly id: string
  readonly packets: readonly Shot[]
  /** The same rules, and nothing left of what was sent before. */
  reload(): Promise<void>
  readonly meant?: Loaded['meant']
}

/** Sends the packets through what the scene's server has loaded. */
async function compare(scene: Scene, kind: Pick<Kind, 'ratesUsedUp'>, trial: Trial, settings: Settings): Promise<readonly Disagreement[]> {
  const { id, packets } = trial
  const printed = await scene.print()
  const surroundings = { ...scene.surroundings(), ratesUsedUp: kind.ratesUsedUp }
  const capture = readCapture(printed, surroundings)
  if (capture.gaps.length > 0) throw new Error(`${id}: not read: ${JSON.stringify(capture.gaps)}`)
  const sent = scene.send(packets, TIMEOUT_MS)
  const judged = packets.map((shot) => ({ shot, judgement: judge(capture, shot) }))
  countDecisions(capture, judged, settings.tally.features, settings.walks)
  const seen = [...(await sent)]
  const lost = judged.flatMap(({ judgement }, index) =>
    seen[index] === 'dropped' && !agrees(judgement, 'dropped') && isOpen(judgement) ? [index] : [],
  )
  if (lost.length > 0) {
    settings.tally.again += lost.length
    await trial.reload()
    const again = await scene.send(
      lost.map((index) => packets[index] as Shot),
      PATIENT_MS,
    )
    for (const [at, index] of lost.entries()) seen[index] = again[at] ?? 'dropped'
  }
  for (const [index, { judgement }] of judged.entries()) settings.tally.count(judgement, seen[index] ?? '')
  record(settings.recorder, { id, printed, surroundings }, judged, seen)
  return judged.flatMap(({ shot, judgement }, index) => [
    ...disagreement(id, shot, judgement, seen[index] ?? ''),
    ...otherThanMeant(trial, shot, judgement, seen[index] ?? ''),
  ])
}

function disagreement(id: string, shot: Shot, judgement: Judgement, seen: string): readonly Disagreement[] {
  if (agrees(judgement, seen)) return []
  return [{ id, shot, said: judgement.said.join(' or '), seen, way: judgement.outcomes.flatMap(wayOf) }]
}

function otherThanMeant({ id, meant }: Trial, shot: Shot, { outcomes }: Judgement, seen: string): readonly Disagreement[] {
  const wanted = meant?.(shot)
  if (wanted === undefined || isAsMeant(wanted, seen)) return []
  return [{ id, shot, said: meantText(wanted), seen, way: outcomes.flatMap(wayOf) }]
}

function isOpen({ outcomes }: Judgement): boolean {
  return outcomes.some(({ verdict }) => verdict === 'delivered' || verdict === 'forwarded')
}

function record(
  recorder: Recorder | undefined,
  known: { readonly id: string; readonly printed: Printed; readonly surroundings: Surroundings },
  judged: readonly { readonly shot: Shot; readonly judgement: Judgement }[],
  seen: readonly string[],
): void {
  const packets = judged.map(({ shot, judgement }, index) => ({
    shot,
    seen: seen[index] ?? '',
    sure: judgement.certainty !== 'maybe',
  }))
  recorder?.add({ ...known, packets })
}
