import { show } from '../../evidence/index.ts'
import { formatAddressSet, rangeSet } from '../../network/index.ts'
import type { HostName, Policy, Service, SourceRef } from '../../policy/policy.ts'
import { formatPorts } from '../../policy/ports.ts'
import type { Arrow, Picture, PicturedService, PicturedSource } from './picture.ts'

/** What the policy means: nothing of it was looked at. */
export function pictureOf(policy: Policy, only?: HostName): Picture {
  const services = [...policy.services.values()]
  const sources = new Map<string, PicturedSource>()
  const arrows: Arrow[] = []
  for (const service of services) {
    for (const host of service.hosts) {
      const to = idOf(service.name, host)
      for (const ref of widest(service.from)) {
        const { drawn, from } = comesFrom(ref, host)
        for (const source of drawn) sources.set(source.id, source)
        for (const id of from) arrows.push({ from: id, to, label: portsText(service), carries: 'packets', perhaps: false })
      }
      for (const { path, service: name } of service.routes)
        for (const target of targetsOf(policy.services.get(name), host))
          arrows.push({ from: to, to: target, label: show(path, 40), carries: 'requests', perhaps: false })
    }
  }
  const hosts = [...policy.hosts.values()].filter(({ name }) => only === undefined || name === only)
  const shown = new Set(
    hosts.flatMap(({ name }) => services.flatMap((service) => (service.hosts.includes(name) ? [idOf(service.name, name)] : []))),
  )
  const drawn = arrows.filter(({ to, from }) => shown.has(to) && (sources.has(from) || from.startsWith('host ') || shown.has(from)))
  const named = new Set(drawn.map(({ from }) => from))
  return {
    title: show(`${policy.name}, as the policy means it`),
    sources: [...sources.values()].filter(({ id }) => named.has(id)),
    hosts: [
      ...hosts.map(({ name, addresses }) => ({
        id: `host ${name}`,
        label: show(
          [name, ...formatAddressSet(rangeSet(addresses.map(({ value }) => ({ first: value, last: value })))).slice(0, 2)].join('  '),
        ),
        services: services.flatMap((service) => (service.hosts.includes(name) ? [serviceOf(service, name, drawn)] : [])),
      })),
      ...(only === undefined ? [] : otherHosts(policy, only, named)),
    ].filter((host) => host.services.length > 0 || named.has(host.id)),
    arrows: distinct(drawn),
  }
}

/** Those that the one host's services take packets from. */
function otherHosts(policy: Policy, only: HostName, named: ReadonlySet<string>): Picture['hosts'] {
  return [...policy.hosts.keys()].flatMap((name) => {
    const id = `host ${name}`
    return name === only || !named.has(id) ? [] : [{ id, label: show(name), services: [] }]
  })
}

const idOf = (service: string, host: HostName): string => `service ${service} ${host}`

function widest(refs: readonly SourceRef[]): readonly SourceRef[] {
  const all = refs.find((ref) => ref.kind === 'built-in' && ref.name === 'internet')
  return all === undefined ? refs : [all]
}

/** The sources that a reference stands for, and from where its arrows come. */
function comesFrom(ref: SourceRef, own: HostName): { readonly drawn: readonly PicturedSource[]; readonly from: readonly string[] } {
  switch (ref.kind) {
    case 'built-in': {
      const label = BUILT_IN[ref.name]
      return label === undefined ? { drawn: [], from: [] } : one({ id: `source ${ref.name}`, label })
    }
    case 'source':
    case 'literal': {
      const name = ref.kind === 'source' ? ref.name : ref.text
      const addresses = formatAddressSet(rangeSet(ref.addresses))
      const detail = ref.kind === 'literal' ? '' : addresses.length > 2 ? `${addresses.length} networks` : addresses.join(', ')
      return one({ id: `source ${name}`, label: show(name), ...(detail === '' ? {} : { detail: show(detail, 60) }) })
    }
    case 'host':
    case 'service':
      return { drawn: [], from: ref.hosts.flatMap((host) => (host === own ? [] : [`host ${host}`])) }
    default:
      return ref satisfies never
  }
}

const one = (source: PicturedSource) => ({ drawn: [source], from: [source.id] })

/** Those beyond the machine. */
const BUILT_IN: Readonly<Record<Extract<SourceRef, { kind: 'built-in' }>['name'], string | undefined>> = {
  loopback: undefined,
  host: undefined,
  private: 'neighbours',
  internet: 'the internet',
}

function targetsOf(target: Service | undefined, from: HostName): readonly string[] {
  if (target === undefined) return []
  return (target.hosts.includes(from) ? [from] : target.hosts).map((host) => idOf(target.name, host))
}

function serviceOf(service: Service, host: HostName, arrows: readonly Arrow[]): PicturedService {
  const id = idOf(service.name, host)
  const shut = !arrows.some(({ to, carries }) => to === id && carries === 'packets')
  const who = service.from.some((ref) => ref.kind === 'built-in' && ref.name === 'host')
    ? 'this machine and its containers'
    : 'this machine'
  return {
    id,
    label: show(service.name),
    detail: shut ? `${portsText(service)}, ${who} only` : portsText(service),
    door: service.edge,
    shut,
  }
}

/** `tcp 80, 443`, `tcp and udp 5060`. */
function portsText({ protocols, ports }: Service): string {
  return `${protocols.join(' and ')} ${ports.map(formatPorts).join(', ')}`
}

function distinct(arrows: readonly Arrow[]): readonly Arrow[] {
  return [...new Map(arrows.map((arrow) => [`${arrow.from} ${arrow.to} ${arrow.label}`, arrow])).values()]
}
