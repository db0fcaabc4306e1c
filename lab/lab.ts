import { AGENT_PROGRAM, Agent, PYTHON } from './agent.ts'
import { type LabSpec, type Plan, plan } from './drawing.ts'
import { Host } from './host.ts'
import { type Observation, type Outcome, type Probe, Prober } from './probe.ts'
import { claimPrefix, releasePrefix, sweep } from './traces.ts'
import { linksUp, startHost, wire } from './wiring.ts'

/**
 * Hosts and zones on the real kernel. Close it when done; it also closes when the process exits or is ended by a signal, and
 * what a killed process leaves behind is removed by the next lab. Needs root; see requirements().
 */
export class Lab<Z extends string = string, H extends string = string> {
  readonly hosts: Readonly<Record<H, Host>>
  readonly #prefix: string
  readonly #agents: readonly Agent[]
  readonly #prober: Prober

  private constructor(prefix: string, hosts: Readonly<Record<H, Host>>, agents: readonly Agent[], prober: Prober) {
    this.#prefix = prefix
    this.hosts = hosts
    this.#agents = agents
    this.#prober = prober
  }

  /** Builds what is drawn. Rejects with DrawingError if it cannot be built as drawn; then nothing is left behind. */
  static async create<Z extends string, H extends string>(spec: LabSpec<Z, H>): Promise<Lab<Z, H>> {
    sweep()
    const prefix = claimPrefix()
    try {
      const drawn = plan(spec, prefix)
      const prober = Agent.start([...PYTHON, AGENT_PROGRAM])
      const [sender, agents] = await Promise.all([prober, startHosts(drawn)])
      const hosts = drawn.hosts.map((each, index) => new Host(each, agents[index] as Agent))
      const byName = Object.fromEntries(hosts.map((host) => [host.name, host])) as Record<H, Host>
      return new Lab(prefix, byName, [sender, ...agents], new Prober(sender, drawn, hosts))
    } catch (error) {
      releasePrefix(prefix)
      throw error
    }
  }

  /** Sends one probe and says what became of it. */
  async probe(probe: Probe<Z, H>): Promise<Outcome> {
    const [outcome] = await this.probeAll([probe])
    if (outcome === undefined) throw new Error('no outcome came back')
    return outcome
  }

  /** Many probes at once, up to 512 under way together; outcomes in the order of the probes. */
  async probeAll(probes: readonly Probe<Z, H>[]): Promise<readonly Outcome[]> {
    return (await this.observe(probes)).map((each) => each.outcome)
  }

  /** As probeAll, with what the outcomes rest on. */
  observe(probes: readonly Probe<Z, H>[]): Promise<readonly Observation[]> {
    return this.#prober.observe(probes)
  }

  /** Ends every process of the lab and removes all of it. */
  async close(): Promise<void> {
    await Promise.all(this.#agents.map((agent) => agent.stop()))
    releasePrefix(this.#prefix)
  }
}

async function startHosts(drawn: Plan): Promise<readonly Agent[]> {
  await wire(drawn)
  const agents = await Promise.all(drawn.hosts.map(startHost))
  await linksUp(drawn)
  return agents
}
