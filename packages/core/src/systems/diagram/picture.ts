/** Who reaches what, as it is drawn: from a policy, or from what was seen. Every text is fit to be shown. */
export interface Picture {
  readonly title: string
  readonly sources: readonly PicturedSource[]
  readonly hosts: readonly PicturedHost[]
  readonly arrows: readonly Arrow[]
}

/** Ids are of one picture: no two of its sources, hosts and services have the same. */
export interface PicturedSource {
  readonly id: string
  readonly label: string
  /** Its addresses, where they are few. */
  readonly detail?: string
}

export interface PicturedHost {
  readonly id: string
  readonly label: string
  readonly services: readonly PicturedService[]
}

export interface PicturedService {
  readonly id: string
  readonly label: string
  /** `tcp 443`, `this machine only`. */
  readonly detail: string
  /** A declared way in, drawn before the others. */
  readonly door: boolean
  /** Nobody from beyond its host reaches it by a packet. */
  readonly shut: boolean
}

export interface Arrow {
  /** The id of a source, a host or a service. */
  readonly from: string
  /** The id of a service. */
  readonly to: string
  /** Its ports; of requests, their paths. */
  readonly label: string
  readonly carries: 'packets' | 'requests'
  /** It may be, and that is not certain. */
  readonly perhaps: boolean
}

/** The picture in words, a line an arrow and a line for each service that is shut: what a reader who does not see it is told. */
export function sentences({ sources, hosts, arrows }: Picture): readonly string[] {
  const names = new Map<string, string>(sources.map(({ id, label }) => [id, label]))
  for (const host of hosts) {
    names.set(host.id, host.label)
    for (const { id, label } of host.services) names.set(id, `${label} (${host.label})`)
  }
  const name = (id: string): string => names.get(id) ?? id
  return [
    ...arrows.map(
      ({ from, to, label, carries, perhaps }) =>
        `${name(from)} ${perhaps ? 'perhaps reaches' : 'reaches'} ${name(to)}: ${carries === 'requests' ? 'requests ' : ''}${label}`,
    ),
    ...hosts.flatMap(({ services }) => services.flatMap(({ id, detail, shut }) => (shut ? [`${name(id)} is shut: ${detail}`] : []))),
  ]
}
