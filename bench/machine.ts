import type { Claim, Evidence, NamespaceId } from '@sallyport/core/evidence'
import { type Address, BITS, type Family, parseAddress } from '@sallyport/core/network'
import { evidenceIn } from '@sallyport/core/systems'

/** Evidence of a claim, in the machine's own namespace where none is named. */
export type Write = (claim: Claim, namespace?: NamespaceId) => Evidence

export const seen: Write = (claim, namespace = '1') =>
  evidenceIn({ host: 'bench', standing: 'running', capturedAt: 0, namespace }, claim, { kind: 'kernel', path: '/proc' })

interface Link {
  readonly name: string
  readonly index: number
  readonly kind: string
  readonly loopback?: boolean
  readonly master?: string
  readonly peer?: { readonly index: number; readonly elsewhere: boolean; readonly namespace: number }
}

/** An interface with the routes that its addresses bring. */
export function device(see: Write, link: Link, texts: readonly string[]): readonly Evidence[] {
  const addresses = texts.map((text) => {
    const [head = '', length] = text.split('/')
    return { address: address(head), prefixLength: Number(length), scope: 'global' as const, temporary: false }
  })
  return [
    see({
      claim: 'interface',
      up: true,
      loopback: false,
      programs: [],
      groups: [address('224.0.0.1'), address('ff02::1')],
      ...link,
      addresses,
    }),
    ...addresses.flatMap(({ address: at, prefixLength }) => [
      see(routed('local', at, BITS[at.family], link.name, 'local')),
      see(routed('unicast', lowest(at, prefixLength), prefixLength, link.name, 'main')),
      ...(at.family === 4 ? [see(routed('broadcast', highest(at, prefixLength), 32, link.name, 'local'))] : []),
    ]),
  ]
}

export function loopback(see: Write): readonly Evidence[] {
  const own = ['127.0.0.1/8', '::1/128'].map((text) => {
    const [head = '', length] = text.split('/')
    return { address: address(head), prefixLength: Number(length), scope: 'host' as const, temporary: false }
  })
  return [
    see({ claim: 'interface', name: 'lo', index: 1, kind: 'loopback', up: true, loopback: true, programs: [], addresses: own }),
    see(routed('local', address('127.0.0.0'), 8, 'lo', 'local')),
    see(routed('local', address('::1'), 128, 'lo', 'local')),
  ]
}

export function route(destination: string, deviceName: string, gateway: string): Claim {
  const [head = '', length] = destination.split('/')
  return { ...routed('unicast', address(head), Number(length), deviceName, 'main'), gateway: address(gateway) }
}

function routed(type: 'local' | 'unicast' | 'broadcast', at: Address, prefixLength: number, deviceName: string, tableName: string) {
  const destination = { address: at, prefixLength }
  return { claim: 'route', family: at.family, type, destination, device: deviceName, table: tableName, metric: 0 } as const
}

function hostBits(family: Family, prefixLength: number): bigint {
  return (1n << BigInt(BITS[family] - prefixLength)) - 1n
}

function lowest({ family, value }: Address, prefixLength: number): Address {
  return { family, value: value & ~hostBits(family, prefixLength) }
}

function highest({ family, value }: Address, prefixLength: number): Address {
  return { family, value: value | hostBits(family, prefixLength) }
}

export function sysctl(name: string, value: string): Claim {
  return { claim: 'sysctl', name, value }
}

export function address(written: string): Address {
  const parsed = parseAddress(written)
  if (parsed === undefined) throw new RangeError(written)
  return parsed
}
