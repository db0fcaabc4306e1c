import type { HostModel, NamespaceModel } from './host.ts'
import type { Interface } from '../evidence/index.ts'
import type { Port } from './topology.ts'

/** Both ends of a veth, which name each other by index. */
interface Pair {
  readonly a: Port
  readonly b: Port
}

const known = new WeakMap<HostModel, ReadonlyMap<Interface, readonly Port[]>>()

/** The other end of a veth; several where it cannot be told which, since indexes repeat between namespaces; none where it was not seen. */
export function peersOf(host: HostModel, device: Interface): readonly Port[] {
  const found = known.get(host) ?? join(host)
  known.set(host, found)
  return found.get(device) ?? []
}

function join(host: HostModel): ReadonlyMap<Interface, readonly Port[]> {
  let pairs = candidates(host)
  // Each pair that is sure tells which namespace a number means, and that may leave others sure.
  for (let before = -1; before !== pairs.length; ) {
    before = pairs.length
    const numbers = numbersOf(pairs)
    pairs = pairs.filter(({ a, b }) => agrees(numbers, a, b.namespace) && agrees(numbers, b, a.namespace))
  }
  return byDevice(pairs)
}

function candidates(host: HostModel): readonly Pair[] {
  const ends = new Map<string, Port[]>()
  for (const namespace of host.namespaces.values()) {
    for (const device of namespace.interfaces) {
      if (device.kind !== 'veth' || device.peer === undefined) continue
      const key = `${device.index} ${device.peer.index}`
      const same = ends.get(key)
      if (same === undefined) ends.set(key, [{ namespace, device }])
      else same.push({ namespace, device })
    }
  }
  return [...ends.values()]
    .flat()
    .flatMap((a) =>
      (ends.get(`${a.device.peer?.index} ${a.device.index}`) ?? [])
        .filter((b) => a.device !== b.device && [a, b].every(({ device }) => (a.namespace !== b.namespace) === device.peer?.elsewhere))
        .map((b) => ({ a, b })),
    )
}

function byDevice(pairs: readonly Pair[]): ReadonlyMap<Interface, readonly Port[]> {
  const found = new Map<Interface, Port[]>()
  for (const { a, b } of pairs) {
    const ends = found.get(a.device)
    if (ends === undefined) found.set(a.device, [b])
    else ends.push(b)
  }
  return found
}

/** By namespace and its number for another, and by namespace and the other: what sure pairs say. */
function numbersOf(pairs: readonly Pair[]): ReadonlyMap<string, string | number> {
  const ends = byDevice(pairs)
  const numbers = new Map<string, string | number>()
  for (const { a, b } of pairs) {
    const number = a.device.peer?.namespace
    if (number === undefined || ends.get(a.device)?.length !== 1 || ends.get(b.device)?.length !== 1) continue
    numbers.set(`${a.namespace.id} ${number}`, b.namespace.id)
    numbers.set(`${a.namespace.id} is ${b.namespace.id}`, number)
  }
  return numbers
}

function agrees(numbers: ReadonlyMap<string, string | number>, { namespace, device }: Port, other: NamespaceModel): boolean {
  const number = device.peer?.namespace
  if (number === undefined) return true
  const meant = numbers.get(`${namespace.id} ${number}`)
  const numbered = numbers.get(`${namespace.id} is ${other.id}`)
  return (meant === undefined || meant === other.id) && (numbered === undefined || numbered === number)
}
