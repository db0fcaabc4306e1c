import type { AddressType, Condition, Direction } from '../../../evidence/index.ts'
import { type AddressSet, addressSet, difference, FAMILY_ADDRESSES, unionOf } from '../../../network/index.ts'
import { all, not } from '../conditions.ts'
import type { Arities, Use } from './options.ts'
import { readWords, type ValueContext } from './values.ts'

const TYPES: Readonly<Record<string, AddressType>> = {
  UNSPEC: 'unspec',
  UNICAST: 'unicast',
  LOCAL: 'local',
  BROADCAST: 'broadcast',
  ANYCAST: 'anycast',
  MULTICAST: 'multicast',
  BLACKHOLE: 'blackhole',
  UNREACHABLE: 'unreachable',
  PROHIBIT: 'prohibit',
}

interface AddressTypeModule {
  readonly arities: Arities
  read(uses: readonly Use[], context: ValueContext): Condition | undefined
}

/** `-m addrtype`. `--limit-iface-in` and `-out` hold for the other options of the same module. */
export const readAddressType: AddressTypeModule = {
  arities: { '--src-type': 1, '--dst-type': 1, '--limit-iface-in': 0, '--limit-iface-out': 0 },
  read(uses, { family }) {
    const device = uses.some(({ name }) => name === '--limit-iface-in')
      ? 'inbound'
      : uses.some(({ name }) => name === '--limit-iface-out')
        ? 'outbound'
        : undefined
    const conditions: Condition[] = []
    for (const { name, values, negated } of uses) {
      if (name.startsWith('--limit')) continue
      const types = readWords(values[0] ?? '', TYPES)
      if (types === undefined) return undefined
      const of = name === '--src-type' ? 'source' : 'destination'
      const condition = family === 4 ? ofRoutes(of, types, device) : ofForm(of, types, device)
      conditions.push(negated ? not(condition) : condition)
    }
    return all(...conditions)
  },
}

function ofRoutes(of: 'source' | 'destination', types: readonly AddressType[], device: Direction | undefined): Condition {
  return { kind: 'address-type', of, types, ...(device === undefined ? {} : { device }) }
}

const MULTICAST = addressSet('ff00::/8')
const UNSPECIFIED = addressSet('::')

/** In IPv6 these three are asked of the address's own form, whatever the routes say, and each that is named has to hold (addrtype_mt6 in xt_addrtype.c). */
const FORMS: ReadonlyMap<AddressType, AddressSet> = new Map([
  ['multicast', MULTICAST],
  ['unicast', difference(FAMILY_ADDRESSES[6], unionOf([MULTICAST, UNSPECIFIED, addressSet('::ffff:0:0/96')]))],
  ['unspec', UNSPECIFIED],
])

function ofForm(of: 'source' | 'destination', types: readonly AddressType[], device: Direction | undefined): Condition {
  const forms = types.flatMap((type): readonly Condition[] => {
    const addresses = FORMS.get(type)
    return addresses === undefined ? [] : [{ kind: of, addresses }]
  })
  const routed = types.filter((type) => !FORMS.has(type))
  return all(...forms, ...(routed.length === 0 ? [] : [ofRoutes(of, routed, device)]))
}
