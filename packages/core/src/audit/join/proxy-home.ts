import { type ComposeService, type Evidence, includesPort, type Launch } from '../../evidence/index.ts'
import { isContained, isContainer } from './contained.ts'
import type { StartFacts } from './facts.ts'
import { type Fronting, type FrontingTarget, isHere } from './fronting.ts'
import { describes, placeOf } from './grouping.ts'
import { imageName, WEB_SERVERS } from './images.ts'
import { isGiven } from './listeners.ts'
import type { ServiceRow } from './service.ts'

/** The containers that a proxy runs in, each with a network of its own: by its configuration, and nowhere else as far as was read. */
interface ProxyHome {
  readonly containers: readonly Evidence<ComposeService>[]
  /** An image has it that none of them is built from: whoever runs the image decides beside what. */
  readonly isFree: boolean
}

/** Where the proxies of a folder run, and so what their targets cannot be. */
export class ProxyHomes {
  readonly #facts: StartFacts
  readonly #given: readonly Evidence<Launch>[]
  readonly #known = new Map<string, ProxyHome | undefined>()

  constructor(facts: StartFacts) {
    this.#facts = facts
    this.#given = facts.launches.filter(({ claim }) => (claim.configurationFiles ?? claim.proxyFiles) !== undefined)
  }

  /** Whether a row that has the target’s name or port is certainly another one, in a container that the proxy does not come to by it. */
  isElsewhere(row: Pick<ServiceRow, 'container' | 'containers'>, { proxy, fronting }: FrontingTarget): boolean {
    if (row.container !== undefined || row.containers.length === 0) return false
    const home = this.#homeOf(proxy, fronting)
    if (home === undefined) return false
    return isHere(fronting.target.host)
      ? isOtherContainer(row.containers, home, fronting.target.port)
      : this.#isOtherName(row.containers, home, fronting.target.host)
  }

  /** `undefined`: it is not known, or it is the machine itself, or a network that is shared. */
  #homeOf(proxy: FrontingTarget['proxy'], { origin }: Fronting): ProxyHome | undefined {
    const key = JSON.stringify([proxy.claim.main, origin.path])
    if (!this.#known.has(key)) {
      this.#known.set(key, this.#home(this.#given.filter((launch) => isGiven(launch, proxy, origin))))
    }
    return this.#known.get(key)
  }

  #home(launches: readonly Evidence<Launch>[]): ProxyHome | undefined {
    const facts = this.#facts
    if (launches.length === 0 || !launches.every((launch) => isContainer(launch.claim.by) && isContained(facts, launch))) return undefined
    const containers = facts.compose.filter((item) => launches.some((launch) => describes(item, launch)))
    if (!containers.every(hasOwnNetwork)) return undefined
    const images = launches.flatMap(({ claim }) => (claim.by === 'dockerfile' ? [claim.name] : []))
    const isBuilt = (image: string): boolean => containers.some(({ claim: { build } }) => build === '' || image.startsWith(`${build}/`))
    return { containers, isFree: !images.every(isBuilt) }
  }

  /** Where compose starts something of that name beside the proxy, that is meant, and not what it starts at another time. */
  #isOtherName(containers: ServiceRow['containers'], { containers: homes, isFree }: ProxyHome, host: string): boolean {
    if (isFree || homes.length === 0) return false
    const meant = homes.map((home) => this.#facts.compose.filter((item) => item.claim.name === host && isBeside(item, home)))
    return meant.every((items) => items.length > 0) && !meant.flat().some((item) => containers.some((own) => isSame(own, item)))
  }
}

/** Whether none of the containers is one that the proxy has its loopback in common with. */
function isOtherContainer(containers: ServiceRow['containers'], { containers: homes, isFree }: ProxyHome, port: number): boolean {
  // The image may be given the machine's network, or be the one that a container is known by as another name.
  if (isFree && containers.some((item) => isPublished(item, port) || mayBeBuilt(item))) return false
  return containers.every((item) => hasOwnNetwork(item) && !homes.some((home) => isSame(home, item)))
}

/** `bridge` and `none` are of one container alone; the machine's, or another container's, is not. */
function hasOwnNetwork({ claim: { networkMode } }: Evidence<ComposeService>): boolean {
  return networkMode === undefined || networkMode === 'bridge' || networkMode === 'none'
}

/** Started together, and in a network that both are in. */
function isBeside({ claim }: Evidence<ComposeService>, home: Evidence<ComposeService>): boolean {
  const { deployments = [], networks } = home.claim
  return (
    claim.deployments?.some((one) => deployments.includes(one)) === true &&
    claim.networks.some(({ name }) => networks.some((own) => own.name === name))
  )
}

function isSame(one: Evidence<ComposeService>, two: Evidence<ComposeService>): boolean {
  return one.claim.name === two.claim.name && placeOf(one) === placeOf(two)
}

function isPublished({ claim }: Evidence<ComposeService>, port: number): boolean {
  return claim.published.some(({ hostPorts }) => hostPorts !== undefined && includesPort(hostPorts, port))
}

/** Whether its image may be one of the folder’s, pulled under its own name. Nothing is built as one of Docker’s library (`nginx:1.28`). */
function mayBeBuilt({ claim: { build, image = '' } }: Evidence<ComposeService>): boolean {
  return build === undefined && (image.includes('/') || !WEB_SERVERS.has(imageName(image)))
}
