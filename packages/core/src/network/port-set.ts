import { difference, type IntervalSet, intervalSet } from './intervals.ts'

export type PortSet = IntervalSet<number>

/** 0 is a port on the wire, though no socket is bound to it. */
export const ALL_PORTS: PortSet = intervalSet([{ first: 0, last: 65535 }])

export const NO_PORTS: PortSet = intervalSet<number>([])

export function portSet(...ports: readonly (number | readonly [first: number, last: number])[]): PortSet {
  return intervalSet(ports.map((port) => (typeof port === 'number' ? { first: port, last: port } : { first: port[0], last: port[1] })))
}

export function otherPorts(set: PortSet): PortSet {
  return difference(ALL_PORTS, set)
}

/** `80`, `8000-8010`. */
export function formatPortSet(set: PortSet): readonly string[] {
  return set.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
}
