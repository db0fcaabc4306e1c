import { ABSENT, type ComposeService, type ConfiguredPort, type Evidence, type FileOrigin, type Value } from '../../evidence/index.ts'
import { Starts } from '../starts/index.ts'
import { evidenceIn, type Reader } from '../system.ts'
import { isTestPath } from '../tests.ts'
import { entry, itemsOf, originOf, textOf, type Tree } from '../yaml.ts'
import { KUSTOMIZATION, Kustomizations } from './kustomize.ts'
import { type KubernetesObject, objectsOf } from './objects.ts'

/** Containers of a pod, and ports of one; those of people have a few. */
const MOST_ITEMS = 500

/**
 * What is open on the nodes: `hostPort`, `hostNetwork`, and services of the types NodePort and LoadBalancer (kubernetes.io/docs/reference/kubernetes-api),
 * of objects as kustomizations make them where those take them up, and what the nodes of kind publish.
 */
export const kubernetesReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const kustomizations = new Kustomizations(starts)
    const made = kustomizations.objects()
    const plain = snapshot.matched.flatMap((path): readonly KubernetesObject[] => {
      const text = kustomizations.used.has(path) || KUSTOMIZATION.test(path) ? undefined : starts.text(path)
      return text === undefined ? [] : objectsOf(text, starts).map((tree) => ({ tree }))
    })
    const evidence = [...plain, ...made]
      .flatMap((object) => opened(object, starts))
      .map(({ claim, origin }) => evidenceIn(snapshot.context, claim, origin, isTestPath(origin.path) ? 'test' : undefined))
    return { evidence: [...unique(evidence), ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

/** Each once: several kustomizations may be built on one. */
function unique(evidence: readonly Evidence<ComposeService>[]): readonly Evidence[] {
  const seen = new Set<string>()
  return evidence.filter(({ claim, origin }) => {
    const ports = claim.published.map(({ hostPorts, containerPorts, hostAddress, origin: at }) => [
      at.path,
      at.span.start.offset,
      hostPorts?.first,
      containerPorts.first,
      hostAddress.kind,
      hostAddress.kind === 'known' ? hostAddress.value : '',
    ])
    const key = JSON.stringify([claim.name, origin.kind === 'file' ? [origin.path, origin.span.start.offset] : '', ports])
    return !seen.has(key) && seen.add(key) !== undefined
  })
}

interface Opened {
  readonly claim: ComposeService
  readonly origin: FileOrigin
}

function opened({ tree: object, doubt }: KubernetesObject, starts: Starts): readonly Opened[] {
  if (isKind(object)) return nodes(object, starts)
  const name = textOf(entry(entry(object, 'metadata'), 'name'))
  const spec = entry(object, 'spec')
  if (textOf(entry(object, 'kind')) === 'Service') return service(name ?? 'service', spec, doubt, starts)
  // A pod itself, or the template of one: of a Deployment, a Job, or a CronJob.
  const outer = entry(entry(spec, 'jobTemplate'), 'spec') ?? spec
  const pod = entry(entry(outer, 'template'), 'spec') ?? outer
  const isHost = textOf(entry(pod, 'hostNetwork')) === 'true'
  return ['containers', 'initContainers']
    .flatMap((key) => firstItems(entry(pod, key), starts))
    .flatMap((container): readonly Opened[] => {
      const published = firstItems(entry(container, 'ports'), starts).flatMap((port) => {
        const inside = entry(port, 'containerPort')
        const outside = entry(port, 'hostPort') ?? (isHost ? inside : undefined)
        // In the network of the host nothing is forwarded, which is what `hostIP` would narrow (cni.dev/plugins/current/meta/portmap).
        return outside === undefined ? [] : portOf(outside, inside, port, doubt ?? addressOf(isHost ? undefined : entry(port, 'hostIP')))
      })
      const image = textOf(entry(container, 'image'))
      if (published.length === 0) return []
      return [{ claim: claimOf(textOf(entry(container, 'name')) ?? name ?? 'pod', image, published), origin: originOf(container) }]
    })
}

/** kind.sigs.k8s.io/docs/user/configuration: a cluster whose nodes are containers of this machine. */
const isKind = (object: Tree): boolean =>
  textOf(entry(object, 'kind')) === 'Cluster' && textOf(entry(object, 'apiVersion'))?.startsWith('kind.x-k8s.io/') === true

/** Extra Port Mappings: of a node's container to the host, on 0.0.0.0 unless `listenAddress` says otherwise. */
function nodes(cluster: Tree, starts: Starts): readonly Opened[] {
  return firstItems(entry(cluster, 'nodes'), starts).flatMap((node): readonly Opened[] => {
    const published = firstItems(entry(node, 'extraPortMappings'), starts).flatMap((port) => {
      const outside = entry(port, 'hostPort')
      // 0 and -1 are ports that are chosen when the cluster is made.
      const isChosen = /^(?:0|-1)$/.test(textOf(outside) ?? '0')
      return portOf(isChosen ? undefined : outside, entry(port, 'containerPort'), port, addressOf(entry(port, 'listenAddress')))
    })
    const name = textOf(entry(cluster, 'name')) ?? 'kind'
    const role = textOf(entry(node, 'role')) ?? 'node'
    return published.length === 0
      ? []
      : [{ claim: claimOf(`${name}-${role}`, textOf(entry(node, 'image')), published, 'kind'), origin: originOf(node) }]
  })
}

function service(name: string, spec: Tree | undefined, doubt: Value | undefined, starts: Starts): readonly Opened[] {
  const type = textOf(entry(spec, 'type'))
  if (spec === undefined || (type !== 'NodePort' && type !== 'LoadBalancer')) return []
  const published = firstItems(entry(spec, 'ports'), starts).flatMap((port) => {
    const outside = type === 'LoadBalancer' ? entry(port, 'port') : entry(port, 'nodePort')
    const target = entry(port, 'targetPort')
    return portOf(outside, number(target) === undefined ? entry(port, 'port') : target, port, doubt)
  })
  return published.length === 0 ? [] : [{ claim: claimOf(name, undefined, published), origin: originOf(spec) }]
}

function firstItems(list: Tree | undefined, starts: Starts): readonly Tree[] {
  const items = itemsOf(list)
  const left = items[MOST_ITEMS]
  if (left !== undefined) starts.problem(`only the first ${MOST_ITEMS} of these were looked at`, originOf(left))
  return items.slice(0, MOST_ITEMS)
}

/** `outside`: absent for a node port that Kubernetes chooses itself. */
function portOf(outside: Tree | undefined, inside: Tree | undefined, port: Tree, address: Value = ABSENT): readonly ConfiguredPort[] {
  const host = number(outside)
  const container = number(inside) ?? host
  if (container === undefined || host === 0 || (outside !== undefined && host === undefined)) return []
  return [
    {
      protocol: textOf(entry(port, 'protocol')) === 'UDP' ? 'udp' : 'tcp',
      hostAddress: address,
      hostPorts: host === undefined ? undefined : { first: host, last: host },
      containerPorts: { first: container, last: container },
      origin: originOf(outside ?? port),
    },
  ]
}

function addressOf(tree: Tree | undefined): Value {
  return tree === undefined ? ABSENT : { kind: 'known', value: textOf(tree) ?? '', origin: originOf(tree) }
}

function number(tree: Tree | undefined): number | undefined {
  const text = textOf(tree)
  return text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

function claimOf(name: string, image: string | undefined, published: readonly ConfiguredPort[], manager = 'Kubernetes'): ComposeService {
  return {
    claim: 'compose-service',
    project: '',
    manager,
    name,
    ...(image === undefined ? {} : { image }),
    profiles: [],
    networks: [],
    published,
    exposed: [],
    restart: 'always',
  }
}
