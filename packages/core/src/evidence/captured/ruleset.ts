import * as z from 'zod/mini'
import type {
  Action,
  AddressType,
  BaseChain,
  Chain,
  Condition,
  CtState,
  CtStatus,
  DeviceName,
  Direction,
  Expression,
  MarkOwner,
  PacketType,
  Rewritten,
  Rule,
  Ruleset,
  Table,
  Translation,
  Unread,
} from '../ruleset.ts'
import { ruleOrigin } from './origins.ts'
import {
  address,
  addressRange,
  addressSet,
  type Codec,
  family,
  flag,
  integer,
  kinds,
  list,
  mapOf,
  maybe,
  name,
  numberSet,
  port,
  portRange,
  recursive,
  shown,
  unsigned,
  words,
  record,
} from './words.ts'

const direction: Codec<Direction> = words('inbound', 'outbound')
const markOwner: Codec<MarkOwner> = words('packet', 'connection')
const ctState: Codec<CtState> = words('new', 'established', 'related', 'invalid', 'untracked')
const ctStatus: Codec<CtStatus> = words('expected', 'seen-reply', 'assured', 'confirmed', 'snat', 'dnat', 'dying')
const addressType: Codec<AddressType> = words(
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
)
const packetType: Codec<PacketType> = words('host', 'broadcast', 'multicast', 'otherhost')
const deviceName: Codec<DeviceName> = record<DeviceName>({ name, prefix: flag })

const condition: Codec<Condition> = recursive(() =>
  kinds('kind', [
    z.strictObject({ kind: words('all', 'any'), of: list(condition) }),
    z.strictObject({ kind: z.literal('not'), of: condition }),
    z.strictObject({ kind: z.literal('family'), families: list(family) }),
    z.strictObject({ kind: words('source', 'destination', 'original-source', 'original-destination'), addresses: addressSet }),
    z.strictObject({
      kind: words('source-port', 'destination-port', 'original-source-port', 'original-destination-port'),
      ports: numberSet,
    }),
    z.strictObject({ kind: z.literal('protocol'), protocols: numberSet }),
    z.strictObject({ kind: z.literal('device'), of: direction, names: list(deviceName) }),
    z.strictObject({ kind: z.literal('mark'), of: markOwner, mask: unsigned, values: numberSet }),
    z.strictObject({ kind: z.literal('ct-state'), states: list(ctState) }),
    z.strictObject({ kind: z.literal('ct-status'), statuses: list(ctStatus) }),
    z.strictObject({ kind: words('tracked', 'own-process') }),
    z.strictObject({
      kind: z.literal('address-type'),
      of: words('source', 'destination'),
      types: list(addressType),
      device: maybe(direction),
    }),
    z.strictObject({ kind: z.literal('reverse-path'), device: flag }),
    z.strictObject({ kind: z.literal('tcp-flags'), mask: unsigned, values: numberSet }),
    z.strictObject({ kind: z.literal('icmp'), types: numberSet, codes: numberSet }),
    z.strictObject({ kind: z.literal('packet-type'), types: list(packetType) }),
    z.strictObject({ kind: z.literal('circumstance'), plain: flag, text: shown }),
    z.strictObject({ kind: z.literal('unknown'), text: shown }),
  ]),
)

const translation: Codec<Translation> = record<Translation>({
  addresses: maybe(addressRange),
  ports: maybe(portRange),
  base: maybe(port),
  prefixLength: maybe(unsigned),
})

const rewritten: Codec<Rewritten> = kinds('part', [
  z.strictObject({ part: z.literal('destination'), address: maybe(address), port: maybe(port) }),
  z.strictObject({ part: words('source', 'unknown') }),
])

const action = kinds('kind', [
  z.strictObject({ kind: words('accept', 'drop', 'return', 'notrack') }),
  z.strictObject({ kind: z.literal('reject'), with: shown }),
  z.strictObject({ kind: words('jump', 'goto'), chain: name }),
  z.strictObject({ kind: words('queue', 'no-effect', 'unknown'), text: shown }),
  z.strictObject({ kind: words('dnat', 'snat'), to: translation }),
  z.strictObject({ kind: words('masquerade', 'redirect'), ports: maybe(portRange) }),
  z.strictObject({ kind: z.literal('tproxy'), address: maybe(addressRange), port: maybe(port) }),
  z.strictObject({
    kind: z.literal('set-mark'),
    of: markOwner,
    clear: integer,
    toggle: z.union([integer, z.strictObject({ of: markOwner, mask: integer })]),
  }),
  z.strictObject({ kind: z.literal('rewrite'), text: shown, to: rewritten }),
])

const expression: Codec<Expression> = kinds('kind', [
  z.strictObject({ kind: z.literal('match'), when: condition }),
  z.strictObject({ kind: z.literal('branch'), branches: list(z.strictObject({ when: condition, then: list<Action>(action) })) }),
  action,
])

const rule: Codec<Rule> = record<Rule>({ expressions: list(expression), origin: ruleOrigin })

const base: Codec<BaseChain> = record<BaseChain>({
  hook: words('ingress', 'prerouting', 'input', 'forward', 'output', 'postrouting', 'egress'),
  type: words('filter', 'nat', 'route'),
  priority: integer,
  policy: words('accept', 'drop'),
  devices: maybe(list(name)),
})

const chain: Codec<Chain> = record<Chain>({ name, base: maybe(base), rules: list(rule) })

const table: Codec<Table> = record<Table>({
  family: words('ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'),
  name,
  chains: mapOf(chain),
  dormant: flag,
})

const unread: Codec<Unread> = record<Unread>({ families: list(family), reason: shown })

export const ruleset: Codec<Ruleset> = record<Ruleset>({ tool: name, tables: list(table), unread: list(unread) })
