import type { Address } from '../network/index.ts'
import type { NamespaceId, PortRange, Protocol } from './scope.ts'

export interface PublishedPort {
  readonly protocol: Protocol
  readonly hostAddress: Address
  readonly hostPorts: PortRange
  readonly containerPorts: PortRange
}

export interface Container {
  readonly claim: 'container'
  readonly engine: string
  readonly id: string
  readonly name: string
  readonly image: string
  readonly running: boolean
  readonly pid?: number
  readonly namespace?: NamespaceId
  /** `bridge`, `host`, `none`, `container:ID`, or a network's name. */
  readonly networkMode: string
  readonly networks: readonly { readonly name: string; readonly addresses: readonly Address[] }[]
  readonly published: readonly PublishedPort[]
  readonly restart: string
  /** No engine told of it, only its processes: what it publishes, its networks and when it is restarted are not known. */
  readonly seenBy?: 'processes'
  /** `com.docker.compose.*` labels, by their last word: project, service, config_files, working_dir. */
  readonly compose?: {
    readonly project: string
    readonly service: string
    readonly workingDirectory?: string
    readonly files: readonly string[]
  }
}

export interface ContainerNetwork {
  readonly claim: 'container-network'
  readonly engine: string
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly internal: boolean
  readonly bridge?: string
  readonly subnets: readonly { readonly address: Address; readonly prefixLength: number }[]
}
