import type { Family } from '@sallyport/core/network'
import { joinRulesets, readIptablesSave, readNftJson } from '@sallyport/core/systems'
import type { Ruleset } from '@sallyport/core/evidence'

/** Of the endpoints that rules are about: those on the host listen at `FIRST_PORT` and up, those of pods at 8080 and up of each. */
export const FIRST_PORT = 20_000
export const PODS = 50
export const PORTS_PER_POD = 4

/** Address of a pod, on `cni0`. */
export function podAddress(family: Family, pod: number): string {
  return family === 4 ? `10.42.0.${pod + 2}` : `2001:db8:42::${(pod + 2).toString(16)}`
}

/** What a machine's tools would print of so many rules, half of them for each family. */
export interface Shape {
  readonly title: string
  readonly text: (count: number, family: Family) => string
  readonly tool?: 'nft'
}

export const SHAPES: Readonly<Record<string, Shape>> = {
  ports: {
    title: 'a port each',
    text: filter((index, family) => `-A INPUT -s ${network(family, index % 250)} -p tcp -m tcp --dport ${port(index)} -j ACCEPT`),
  },
  sources: { title: 'a source each', text: filter((index, family) => `-A INPUT -s ${sender(family, index)} -j DROP`) },
  sets: { title: 'one chain of sets', text: sets, tool: 'nft' },
  chains: { title: 'chains of services and pods', text: chains },
  unknown: {
    title: 'ports and sources, a tenth not understood',
    text: filter((index, family) =>
      index % 10 === 0
        ? `-A INPUT -s ${network(family, index % 250)} -m geoip --source-country ${CODES[(index / 10) % CODES.length]} -j ${index % 20 === 0 ? 'ACCEPT' : 'DROP'}`
        : index % 2 === 0
          ? `-A INPUT -s ${sender(family, index)} -j DROP`
          : `-A INPUT -p tcp -m tcp --dport ${port(index)} -j ACCEPT`,
    ),
  },
}

const CODES = ['AA', 'QM', 'QN', 'QO', 'QP', 'XA', 'XB', 'XC', 'ZZ']

/** The ruleset of a shape, read from its text. */
export function readShape({ text, tool }: Shape, count: number): readonly Ruleset[] {
  if (tool === 'nft') return joinRulesets({ nft: readNftJson(text(count, 4)), iptables: [] }).rulesets
  const iptables = ([4, 6] as const).map((family) => {
    const source = { family, backend: 'legacy' as const }
    return { ...source, reading: readIptablesSave(text(count / 2, family), source) }
  })
  return joinRulesets({ iptables }).rulesets
}

function port(index: number): number {
  return FIRST_PORT + (index % 40_000)
}

/** A host of the internet or of the LAN. */
function sender(family: Family, index: number): string {
  const [high, low] = [index >> 8, index & 255]
  if (family === 6) return `2001:db8:${index % 2 === 0 ? 'f' : 'a'}::${high.toString(16)}:${low.toString(16)}/128`
  return index % 2 === 0 ? `198.18.${high & 255}.${low}/32` : `10.${9 + (high >> 8)}.${high & 255}.${low}/32`
}

function network(family: Family, index: number): string {
  return family === 4 ? `203.0.${index}.0/24` : `2001:db8:${(0x100 + index).toString(16)}::/48`
}

function filter(rule: (index: number, family: Family) => string): Shape['text'] {
  return (count, family) =>
    [
      '*filter',
      ':INPUT DROP [0:0]',
      ':FORWARD ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      '-A INPUT -i lo -j ACCEPT',
      '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      ...Array.from({ length: count - 2 }, (_, index) => rule(index, family)),
      'COMMIT',
      '',
    ].join('\n')
}

/** As nft prints it: rules of one chain for both families, each of a set of networks and a set of ports. */
function sets(count: number): string {
  const table = { family: 'inet', table: 'filter' }
  const base = { ...table, name: 'input', handle: 1, type: 'filter', hook: 'input', prio: 0, policy: 'drop' }
  const rules = Array.from({ length: count }, (_, index) => {
    const family = index % 2 === 0 ? 4 : 6
    const payload = (protocol: string, field: string) => ({ payload: { protocol, field } })
    const match = (left: object, right: unknown) => ({ match: { op: '==', left, right } })
    const prefixes = Array.from({ length: 4 }, (_, at) => {
      const [addr = '', len] = (at % 2 === 0 ? sender(family, index * 4 + at) : network(family, (index + at) % 250)).split('/')
      return { prefix: { addr, len: Number(len) } }
    })
    const ports = Array.from({ length: 2 }, (_, at) => port(index * 2 + at * 7))
    const expr = [
      match(payload(family === 4 ? 'ip' : 'ip6', 'saddr'), { set: prefixes }),
      match(payload('tcp', 'dport'), { set: ports }),
      { [index % 3 === 0 ? 'drop' : 'accept']: null },
    ]
    return { rule: { ...table, chain: 'input', handle: index + 2, expr } }
  })
  return JSON.stringify({ nftables: [{ table: { family: 'inet', name: 'filter', handle: 1 } }, { chain: base }, ...rules] })
}

/** As kube-proxy and its like write them: a chain for each service, one for each pod behind it, and one for each pod in the filter. */
function chains(count: number, family: Family): string {
  const PER_SERVICE = 9
  const bits = family === 4 ? 32 : 128
  const services = Array.from({ length: Math.max(1, Math.floor(count / PER_SERVICE)) }, (_, index) => index)
  const name = (kind: string, index: number): string => `KUBE-${kind}-${index.toString(36).toUpperCase().padStart(8, '0')}`
  const pod = (index: number): string => podAddress(family, index % PODS)
  const to = (index: number): string => (family === 4 ? `${pod(index)}:8080` : `[${pod(index)}]:8080`)
  const service = (index: number): string =>
    family === 4 ? `10.43.${index >> 8}.${index & 255}` : `2001:db8:43::${(index + 1).toString(16)}`
  return [
    '*nat',
    ...['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'].map((chain) => `:${chain} ACCEPT [0:0]`),
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-NODEPORTS - [0:0]',
    ...services.flatMap((index) => [`:${name('SVC', index)} - [0:0]`, `:${name('SEP', index)} - [0:0]`]),
    '-A PREROUTING -j KUBE-SERVICES',
    ...services.map((index) => `-A KUBE-SERVICES -d ${service(index)}/${bits} -p tcp -m tcp --dport 80 -j ${name('SVC', index)}`),
    '-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS',
    ...services.map((index) => `-A KUBE-NODEPORTS -p tcp -m tcp --dport ${30_000 + index} -j ${name('SVC', index)}`),
    ...services.flatMap((index) => [
      `-A ${name('SVC', index)} -j ${name('SEP', index)}`,
      `-A ${name('SEP', index)} -s ${pod(index)}/${bits} -j RETURN`,
      `-A ${name('SEP', index)} -p tcp -m tcp -j DNAT --to-destination ${to(index)}`,
    ]),
    'COMMIT',
    '*filter',
    ...['INPUT ACCEPT', 'FORWARD DROP', 'OUTPUT ACCEPT'].map((chain) => `:${chain} [0:0]`),
    ...services.map((index) => `:${name('FW', index)} - [0:0]`),
    '-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    ...services.flatMap((index) => [
      `-A FORWARD -d ${pod(index)}/${bits} -j ${name('FW', index)}`,
      `-A ${name('FW', index)} -s ${sender(family, index)} -j DROP`,
      `-A ${name('FW', index)} -s ${network(family, index % 250)} -p tcp -m tcp --dport 8081 -j ACCEPT`,
      `-A ${name('FW', index)} -p tcp -m tcp --dport 8080 -j ACCEPT`,
    ]),
    'COMMIT',
    '',
  ].join('\n')
}
