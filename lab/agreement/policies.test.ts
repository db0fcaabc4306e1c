import {
  type Address,
  addressSet,
  addressSetOf,
  FAMILIES,
  type Family,
  hasAddress,
  parseAddress,
  parsePrefix,
  rangeSet,
  sourceAddresses,
  sourceSet,
  unionOf,
} from '@sallyport/core/network'
import { type Ruleset, Text } from '@sallyport/core/evidence'
import { readIptablesSave, readNftText, WRITABLE, type WrittenFile } from '@sallyport/core/systems'
import { describe, expect, it } from 'vitest'
import { walkInbound } from '../../packages/core/src/reach/netfilter/index.ts'
import { EMPTY_PORTS, PORTS, SENDERS, SERVER } from './network.ts'
import { type RandomPolicy, randomPolicy, type Sender } from './policies.ts'
import { Random } from './random.ts'

/** How many policies, each of which is asked about every sender, port and protocol of the scene. */
const COUNT = Number(process.env['SALLYPORT_POLICIES'] ?? 40)

/** As the script beside the rules hooks them in. */
function hooked(text: string): string {
  return text
    .replace('*raw', '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j SALLYPORT-LOOPBACK')
    .replace('*filter', '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n-A INPUT -j SALLYPORT-INPUT\n-A FORWARD -j SALLYPORT-FORWARD')
}

const READ: Readonly<Record<string, (files: readonly WrittenFile[]) => readonly Ruleset[]>> = {
  nftables: (files) => files.map(({ path, text }) => whole(readNftText(new Text(path, text)))),
  iptables: (files) =>
    FAMILIES.flatMap((family) => {
      const file = files.find(({ path }) => path.endsWith(`v${family}`))
      return file === undefined
        ? []
        : [
            whole(
              readIptablesSave(hooked(file.text), {
                family,
                backend: 'nft',
                path: file.path,
              }),
            ),
          ]
    }),
}

function whole({ ruleset, gaps }: { readonly ruleset: Ruleset; readonly gaps: readonly unknown[] }): Ruleset {
  expect(gaps).toEqual([])
  return ruleset
}

async function rulesetsOf(system: string, { policy, host, links }: RandomPolicy): Promise<readonly Ruleset[]> {
  const writer = await WRITABLE.find(({ name }) => name === system)?.load()
  const written = writer?.write(policy, { host, links: links.flatMap((link) => parsePrefix(link) ?? []) })
  if (written?.kind !== 'written') throw new Error(`${system}: ${written?.why}`)
  return READ[system]?.(written.files) ?? []
}

type Senders = Readonly<Record<string, Sender>>

/** Who sends, by device. */
function senders(family: Family): Readonly<Record<string, Senders>> {
  const outside = (zone: 'internet' | 'lan'): Senders =>
    Object.fromEntries(SENDERS[zone][family].map((address) => [address, { kind: 'outside', address }]))
  const container = { kind: 'container' } as const
  const containers: Readonly<Record<string, Senders>> =
    family === 4
      ? { docker0: { '172.17.0.2': container }, 'br-0123456789ab': { '172.18.0.2': container } }
      : { docker0: { 'fd00:172:17::2': container, '2001:db8:fd0c::2': container } }
  return { internet: outside('internet'), lan: outside('lan'), ...containers }
}

interface Asked {
  readonly family: Family
  readonly protocol: 'tcp' | 'udp'
  readonly device: string
  readonly port: number
  readonly from: readonly string[]
}

/** Who of them surely gets through, all of whom have to be decided. */
function openTo(rulesets: readonly Ruleset[], { family, protocol, device, port, from }: Asked): (address: string) => boolean {
  const sources = sourceSet(rangeSet(from.flatMap((text) => parsePrefix(text) ?? [])))
  const packet = { family, protocol, inbound: device, destination: addressOf(SERVER.internet[family]), port, sources }
  const outcomes = walkInbound(rulesets, packet, { localAddresses: OWN, route: () => ({ kind: 'local' }) })
  expect(outcomes.filter(({ certainty }) => certainty === 'maybe')).toEqual([])
  const open = unionOf(outcomes.filter(({ verdict }) => verdict === 'delivered').map((one) => sourceAddresses(one.sources)))
  return (text) => hasAddress(open, addressOf(text))
}

function addressOf(text: string): Address {
  const address = parseAddress(text)
  if (address === undefined) throw new RangeError(text)
  return address
}

const OWN = unionOf([
  addressSet('127.0.0.0/8', '::1'),
  ...Object.values(SERVER).flatMap((one) => FAMILIES.map((family) => addressSetOf(addressOf(one[family])))),
])

describe.each(Object.keys(READ))('M12, V5 · what %s rendered from random policies lets in is what they say', (system) => {
  it('from outside and from containers, on every port', async () => {
    for (let seed = 1; seed <= COUNT; seed++) {
      const random = randomPolicy(new Random(seed))
      const rulesets = await rulesetsOf(system, random)
      const wrong: string[] = []
      for (const family of FAMILIES)
        for (const protocol of ['tcp', 'udp'] as const)
          for (const port of [...PORTS, ...EMPTY_PORTS, 20050, 30000, 30001])
            for (const [device, sender] of Object.entries(senders(family))) {
              const open = openTo(rulesets, { family, protocol, device, port, from: Object.keys(sender) })
              for (const [address, who] of Object.entries(sender)) {
                const meant = random.lets(who, protocol, port)
                if (open(address) !== meant) wrong.push(`${device} ${address} ${protocol} ${port}: meant ${meant}`)
              }
            }
      expect(wrong, `seed ${seed}\n${random.text}`).toEqual([])
    }
  })
})
