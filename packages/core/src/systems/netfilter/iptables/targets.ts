import { type Action, type Expression, type PortRange, show, type Translation } from '../../../evidence/index.ts'
import { BITS, type Family, parseAddress, parseRange, type AddressRange } from '../../../network/index.ts'
import { opaqueAction } from '../conditions.ts'
import type { Arities, Extension, Use } from './options.ts'
import { maskLength, readMark, readNumber } from './values.ts'

/** `undefined`: not understood. */
type TargetReader = (option: (name: string) => Use | undefined, family: Family, text: string) => readonly Action[] | undefined

interface Target {
  readonly arities: Arities
  readonly read: TargetReader
}

const EVERY_BIT = 0xffff_ffff

function verdict(kind: 'accept' | 'drop' | 'return' | 'notrack'): Target {
  return { arities: {}, read: () => [{ kind }] }
}

/** Lets every packet go on, unchanged in what conditions ask. */
function noEffect(arities: Arities): Target {
  return { arities, read: (_option, _family, text) => [{ kind: 'no-effect', text: show(text) }] }
}

/** `80`, `80-90`. */
function readPortRange(text: string): PortRange | undefined {
  const [first, last, more] = text.split('-')
  const low = readNumber(first, 65535)
  const high = last === undefined ? low : readNumber(last, 65535)
  return low === undefined || high === undefined || more !== undefined || low > high ? undefined : { first: low, last: high }
}

/** `192.0.2.1`, `192.0.2.1-192.0.2.9:80-90`, `:80`, `[2001:db8::1]:80`, `:5000-5010/6000`. */
function readTranslation(text: string, family: Family): Translation | undefined {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text)
  const colon = text.indexOf(':')
  // `:90` is a port alone, in IPv6 as well; any other colon there belongs to the address.
  const split = (family === 4 && colon >= 0) || /^:[0-9]+(?:-[0-9]+)?(?:\/[0-9]+)?$/.test(text)
  const addressText = bracketed?.[1] ?? (split ? text.slice(0, colon) : text)
  const portText = bracketed === null ? (split ? text.slice(colon + 1) : undefined) : bracketed[2]
  const addresses = addressText === '' ? undefined : addressText.includes('/') ? undefined : parseRange(addressText)
  if (addressText !== '' && (addresses === undefined || addresses.first.family !== family)) return undefined
  const [rangeText, baseText] = (portText ?? '').split('/')
  const ports = portText === undefined ? undefined : readPortRange(rangeText ?? '')
  const base = baseText === undefined ? undefined : readNumber(baseText, 65535)
  if ((portText !== undefined && ports === undefined) || (baseText !== undefined && base === undefined)) return undefined
  return {
    ...(addresses === undefined ? {} : { addresses }),
    ...(ports === undefined ? {} : { ports }),
    ...(base === undefined ? {} : { base }),
  }
}

function translation(kind: 'dnat' | 'snat', name: string): Target {
  return {
    arities: { [name]: 1, '--random': 0, '--random-fully': 0, '--persistent': 0 },
    read(option, family) {
      const to = readTranslation(option(name)?.values[0] ?? '', family)
      if (to === undefined || (to.addresses === undefined && to.ports === undefined)) return undefined
      // A port chosen at random is any of the range, also where the packet's own would do.
      if (kind === 'dnat' && to.ports !== undefined && to.ports.first !== to.ports.last && option('--random') !== undefined)
        return undefined
      return [{ kind, to }]
    },
  }
}

const masquerade: TargetReader = (option) => {
  const text = option('--to-ports')?.values[0]
  const ports = text === undefined ? undefined : readPortRange(text)
  if (text !== undefined && ports === undefined) return undefined
  return [ports === undefined ? { kind: 'masquerade' } : { kind: 'masquerade', ports }]
}

const redirect: Target = {
  arities: { '--to-ports': 1, '--random': 0 },
  read(option) {
    const text = option('--to-ports')?.values[0]
    const ports = text === undefined ? undefined : readPortRange(text)
    if (text !== undefined && ports === undefined) return undefined
    if (ports !== undefined && ports.first !== ports.last && option('--random') !== undefined) return undefined
    return [ports === undefined ? { kind: 'redirect' } : { kind: 'redirect', ports }]
  },
}

function readNetwork(text: string, family: Family): { addresses: AddressRange; prefixLength: number } | undefined {
  const [addressText = '', lengthText] = text.split('/')
  const mask = lengthText === undefined ? undefined : parseAddress(lengthText)
  const length =
    lengthText === undefined
      ? BITS[family]
      : mask === undefined
        ? readNumber(lengthText, BITS[family])
        : maskLength(mask.value, BITS[family])
  const addresses = length === undefined ? undefined : parseRange(`${addressText}/${length}`)
  return addresses === undefined || length === undefined || addresses.first.family !== family
    ? undefined
    : { addresses, prefixLength: length }
}

/** The same word for both directions; it is the chain that decides which. The source's is of no account for reach. */
const netmap: Target = {
  arities: { '--to': 1 },
  read(option, family) {
    const to = readNetwork(option('--to')?.values[0] ?? '', family)
    return to === undefined ? undefined : [{ kind: 'dnat', to }]
  },
}

const tproxy: Target = {
  arities: { '--on-port': 1, '--on-ip': 1, '--tproxy-mark': 1 },
  read(option) {
    const port = readNumber(option('--on-port')?.values[0], 65535)
    const address = parseRange(option('--on-ip')?.values[0] ?? '')
    return [{ kind: 'tproxy', ...(address === undefined ? {} : { address }), ...(port === undefined || port === 0 ? {} : { port }) }]
  },
}

/** Every spelling of `(mark & ~clear) ^ toggle` (iptables-extensions(8), MARK). */
function readSetMark(option: (name: string) => Use | undefined): { readonly clear: number; readonly toggle: number } | undefined {
  const set = readMark(option('--set-mark')?.values[0])
  if (set !== undefined) return { clear: (set.value | set.mask) >>> 0, toggle: set.value }
  const xset = readMark(option('--set-xmark')?.values[0])
  if (xset !== undefined) return { clear: xset.mask, toggle: xset.value }
  const kept = readNumber(option('--and-mark')?.values[0], EVERY_BIT)
  if (kept !== undefined) return { clear: ~kept >>> 0, toggle: 0 }
  const added = readNumber(option('--or-mark')?.values[0], EVERY_BIT)
  if (added !== undefined) return { clear: added, toggle: added }
  const turned = readNumber(option('--xor-mark')?.values[0], EVERY_BIT)
  return turned === undefined ? undefined : { clear: 0, toggle: turned }
}

const MARKS: Arities = { '--set-mark': 1, '--set-xmark': 1, '--and-mark': 1, '--or-mark': 1, '--xor-mark': 1 }

const setMark: Target = {
  arities: MARKS,
  read(option) {
    const change = readSetMark(option)
    return change === undefined ? undefined : [{ kind: 'set-mark', of: 'packet', ...change }]
  },
}

const setConnmark: Target = {
  arities: { ...MARKS, '--save-mark': 0, '--restore-mark': 0, '--nfmask': 1, '--ctmask': 1, '--mask': 1 },
  read(option) {
    const mask = (name: string): number | undefined => {
      const text = (option(name) ?? option('--mask'))?.values[0]
      return text === undefined ? EVERY_BIT : readNumber(text, EVERY_BIT)
    }
    const packet = mask('--nfmask')
    const connection = mask('--ctmask')
    if (packet === undefined || connection === undefined) return undefined
    if (option('--save-mark') !== undefined)
      return [{ kind: 'set-mark', of: 'connection', clear: connection, toggle: { of: 'packet', mask: packet } }]
    if (option('--restore-mark') !== undefined)
      return [{ kind: 'set-mark', of: 'packet', clear: packet, toggle: { of: 'connection', mask: connection } }]
    const change = readSetMark(option)
    return change === undefined ? undefined : [{ kind: 'set-mark', of: 'connection', ...change }]
  },
}

/** Zones and timeouts change nothing that a first packet meets; what helpers do, `expected.ts` says. */
const connectionTracking: Target = {
  arities: {
    '--notrack': 0,
    '--helper': 1,
    '--ctevents': 1,
    '--expevents': 1,
    '--zone': 1,
    '--zone-orig': 1,
    '--zone-reply': 1,
    '--timeout': 1,
  },
  read: (option, _family, text) => [option('--notrack') === undefined ? { kind: 'no-effect', text: show(text) } : { kind: 'notrack' }],
}

const queue: Target = {
  arities: { '--queue-num': 1, '--queue-balance': 1, '--queue-bypass': 0, '--queue-cpu-fanout': 0 },
  read: (_option, _family, text) => [{ kind: 'queue', text: show(text) }],
}

/** A table of facts: what iptables-extensions(8) says of each target. */
const TARGETS: Readonly<Record<string, Target>> = {
  ACCEPT: verdict('accept'),
  DROP: verdict('drop'),
  RETURN: verdict('return'),
  NOTRACK: verdict('notrack'),
  REJECT: {
    arities: { '--reject-with': 1 },
    read: (option) => [{ kind: 'reject', with: show(option('--reject-with')?.values[0] ?? 'icmp-port-unreachable') }],
  },
  DNAT: translation('dnat', '--to-destination'),
  SNAT: translation('snat', '--to-source'),
  MASQUERADE: { arities: { '--to-ports': 1, '--random': 0, '--random-fully': 0 }, read: masquerade },
  REDIRECT: redirect,
  NETMAP: netmap,
  TPROXY: tproxy,
  MARK: setMark,
  CONNMARK: setConnmark,
  CT: connectionTracking,
  QUEUE: queue,
  NFQUEUE: queue,
  LOG: noEffect({
    '--log-level': 1,
    '--log-prefix': 1,
    '--log-tcp-sequence': 0,
    '--log-tcp-options': 0,
    '--log-ip-options': 0,
    '--log-uid': 0,
    '--log-macdecode': 0,
  }),
  NFLOG: noEffect({ '--nflog-group': 1, '--nflog-prefix': 1, '--nflog-range': 1, '--nflog-size': 1, '--nflog-threshold': 1 }),
  TRACE: noEffect({}),
  AUDIT: noEffect({ '--type': 1 }),
  CHECKSUM: noEffect({ '--checksum-fill': 0 }),
  CLASSIFY: noEffect({ '--set-class': 1 }),
  TCPMSS: noEffect({ '--set-mss': 1, '--clamp-mss-to-pmtu': 0 }),
  TCPOPTSTRIP: noEffect({ '--strip-options': 1 }),
  TTL: noEffect({ '--ttl-set': 1, '--ttl-dec': 1, '--ttl-inc': 1 }),
  HL: noEffect({ '--hl-set': 1, '--hl-dec': 1, '--hl-inc': 1 }),
  TOS: noEffect({ '--set-tos': 1, '--and-tos': 1, '--or-tos': 1, '--xor-tos': 1 }),
  DSCP: noEffect({ '--set-dscp': 1, '--set-dscp-class': 1 }),
  ECN: noEffect({ '--ecn-tcp-remove': 0 }),
  SECMARK: noEffect({ '--selctx': 1 }),
  CONNSECMARK: noEffect({ '--save': 0, '--restore': 0 }),
  IDLETIMER: noEffect({ '--timeout': 1, '--label': 1, '--alarm': 0 }),
  RATEEST: noEffect({ '--rateest-name': 1, '--rateest-interval': 1, '--rateest-ewmalog': 1 }),
  LED: noEffect({ '--led-trigger-id': 1, '--led-delay': 1, '--led-always-blink': 0 }),
  TEE: noEffect({ '--gateway': 1, '--oif': 1 }),
  SET: noEffect({
    '--add-set': 2,
    '--del-set': 2,
    '--map-set': 2,
    '--timeout': 1,
    '--exist': 0,
    '--map-mark': 0,
    '--map-prio': 0,
    '--map-queue': 0,
  }),
}

export function targetArities(name: string): Arities | undefined {
  return Object.hasOwn(TARGETS, name) ? TARGETS[name]?.arities : undefined
}

/** What a target does. A name that is in no table is a chain's; whether there is one is known when all of the table has been read. */
export function readTarget({ name, uses, text }: Extension, goto: boolean, family: Family): readonly Expression[] {
  if (goto) return [{ kind: 'goto', chain: name }]
  const target = Object.hasOwn(TARGETS, name) ? TARGETS[name] : undefined
  if (target === undefined) return uses.length > 0 ? [opaqueAction(text)] : [{ kind: 'jump', chain: name }]
  // `--map-set` sets marks from a set's entries.
  if (!uses.every(({ known }) => known) || uses.some(({ name: option }) => option === '--map-set')) return [opaqueAction(text)]
  return target.read((option) => uses.find((use) => use.name === option), family, text) ?? [opaqueAction(text)]
}
