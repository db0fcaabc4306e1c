import { type Action, type Expression, type PortRange, type Translation } from '../../../evidence/index.ts'
import { type AddressRange, FAMILIES, type Family } from '../../../network/index.ts'
import { field, items, type Json, numberField, textField } from '../../json.ts'
import { match } from '../conditions.ts'
import { strangeKey } from './keys.ts'
import { type NftObjects, readMapping } from './match.ts'
import { addressRange, numbersOf } from './values.ts'

type Kind = 'dnat' | 'snat' | 'redirect' | 'masquerade' | 'tproxy'

/** `dnat`, `snat`, `redirect`, `masquerade` and `tproxy`, to a constant or through a map. `undefined`: not understood. */
export function readTranslation(kind: Kind, body: Json, objects: NftObjects): readonly Expression[] | undefined {
  const families = statedFamily(textField(body, 'family'))
  if (families === undefined || strangeKey(kind, body) !== undefined) return undefined
  const only: readonly Expression[] = families.length === 1 ? [match({ kind: 'family', families })] : []
  const address = field(body, 'addr')
  const port = field(body, 'port')
  const map = field(address, 'map') ?? field(port, 'map')
  const netmap = hasFlag(body, 'netmap')
  if (map === undefined) {
    const to = constant(address, port, families, netmap)
    const action = to === undefined ? undefined : translationAction(kind, to, isRandom(body))
    return action === undefined ? undefined : [...only, action]
  }
  const mapping = readMapping(field(map, 'key'), field(map, 'data'), objects)
  if (mapping === undefined) return undefined
  const branches: { when: (typeof mapping)[number]['when']; then: readonly Action[] }[] = []
  for (const { when, value } of mapping) {
    const to = field(address, 'map') === undefined ? constant(address, value, families, netmap) : mapped(value, port, families, netmap)
    const action = to === undefined ? undefined : translationAction(kind, to, isRandom(body))
    if (action === undefined) return undefined
    branches.push({ when, then: [action] })
  }
  return [...only, { kind: 'branch', branches }]
}

function statedFamily(name: string | undefined): readonly Family[] | undefined {
  return name === undefined ? FAMILIES : name === 'ip' ? [4] : name === 'ip6' ? [6] : undefined
}

function hasFlag(body: Json, ...names: readonly string[]): boolean {
  const flags = field(body, 'flags')
  return (typeof flags === 'string' ? [flags] : items(flags)).some((flag) => typeof flag === 'string' && names.includes(flag))
}

/** The packet's own port is not kept then, even where it would do. */
function isRandom(body: Json): boolean {
  return hasFlag(body, 'random', 'fully-random')
}

function constant(
  address: Json | undefined,
  port: Json | undefined,
  families: readonly Family[],
  netmap: boolean,
): Translation | undefined {
  const addresses = address === undefined ? undefined : anyRange(address, families, netmap)
  const ports = port === undefined ? undefined : portRange(port)
  if ((address !== undefined && addresses === undefined) || (port !== undefined && ports === undefined)) return undefined
  return { ...addresses, ...(ports === undefined ? {} : { ports }) }
}

/** The value of a map: an address, or an address and a port. */
function mapped(value: Json, port: Json | undefined, families: readonly Family[], netmap: boolean): Translation | undefined {
  const parts = items(field(value, 'concat'))
  if (parts.length === 0) return constant(value, port, families, netmap)
  return parts.length === 2 && port === undefined ? constant(parts[0], parts[1], families, netmap) : undefined
}

function anyRange(
  value: Json,
  families: readonly Family[],
  netmap: boolean,
): { readonly addresses: AddressRange; readonly prefixLength?: number } | undefined {
  for (const family of families) {
    const addresses = addressRange(value, family)
    if (addresses === undefined) continue
    // A prefix replaces the packet's own, the other bits stay (`dnat ip prefix to …`); without the flag it is any of its addresses.
    const length = netmap ? numberField(field(value, 'prefix'), 'len') : undefined
    return { addresses, ...(length === undefined ? {} : { prefixLength: length }) }
  }
  return undefined
}

function portRange(value: Json): PortRange | undefined {
  const ports = numbersOf([value], {}, 65535)
  const range = ports?.[0]
  return ports?.length === 1 && range !== undefined ? range : undefined
}

function translationAction(kind: Kind, to: Translation, random: boolean): Action | undefined {
  const { addresses, ports } = to
  switch (kind) {
    case 'snat':
      return { kind, to }
    case 'masquerade':
      return { kind, ...(ports === undefined ? {} : { ports }) }
    case 'dnat':
      return (random && ports !== undefined && ports.first !== ports.last) || (addresses === undefined && ports === undefined)
        ? undefined
        : { kind, to }
    case 'redirect':
      return random && ports !== undefined && ports.first !== ports.last ? undefined : { kind, ...(ports === undefined ? {} : { ports }) }
    case 'tproxy':
      return { kind, ...(addresses === undefined ? {} : { address: addresses }), ...(ports === undefined ? {} : { port: ports.first }) }
    default:
      return kind satisfies never
  }
}
