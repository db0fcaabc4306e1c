import {
  ABSENT,
  type ComposeService,
  type ConfiguredPort,
  type Evidence,
  type FileOrigin,
  type Text,
  type Value,
} from '../../evidence/index.ts'
import { Starts } from '../starts/index.ts'
import { evidenceIn, type Reader } from '../system.ts'
import { isTestPath } from '../tests.ts'
import { entry, itemsOf, originOf, readYaml, textOf, type Tree } from '../yaml.ts'

/** Objects of one file that are looked at. */
const MOST_OBJECTS = 5000
/** Containers of a pod, and ports of one; those of people have a few. */
const MOST_ITEMS = 500
const HELM = /\{\{/

/** What is open on the nodes: `hostPort`, `hostNetwork`, and services of the types NodePort and LoadBalancer (kubernetes.io/docs/reference/kubernetes-api). */
export const kubernetesReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const evidence = snapshot.matched.flatMap((path): readonly Evidence[] => {
      const text = starts.text(path)
      return text === undefined ? [] : manifests(text, starts)
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

function manifests(text: Text, starts: Starts): readonly Evidence[] {
  if (HELM.test(text.content)) {
    const at = text.content.search(/\b(?:hostPort|hostNetwork|NodePort|LoadBalancer)\b/)
    if (/^kind:/m.test(text.content))
      starts.problem('which ports of a node this template opens is not known', text.origin(at, at + 8), { kind: 'nothing' })
    return []
  }
  const { documents } = readYaml(text)
  const environment = isTestPath(text.path) ? 'test' : undefined
  const objects = documents.flatMap((document) =>
    textOf(entry(document, 'kind')) === 'List' ? itemsOf(entry(document, 'items')) : [document],
  )
  const left = objects[MOST_OBJECTS]
  if (left !== undefined) starts.problem(`only the first ${MOST_OBJECTS} objects of the file were looked at`, originOf(left))
  return objects
    .slice(0, MOST_OBJECTS)
    .flatMap((object) => (textOf(entry(object, 'apiVersion')) === undefined ? [] : opened(object, starts)))
    .map(({ claim, origin }) => evidenceIn(starts.snapshot.context, claim, origin, environment))
}

interface Opened {
  readonly claim: ComposeService
  readonly origin: FileOrigin
}

function opened(object: Tree, starts: Starts): readonly Opened[] {
  const name = textOf(entry(entry(object, 'metadata'), 'name'))
  const spec = entry(object, 'spec')
  if (textOf(entry(object, 'kind')) === 'Service') return service(name ?? 'service', spec, starts)
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
        return outside === undefined ? [] : portOf(outside, inside, port, isHost ? undefined : entry(port, 'hostIP'))
      })
      const image = textOf(entry(container, 'image'))
      if (published.length === 0) return []
      return [{ claim: claimOf(textOf(entry(container, 'name')) ?? name ?? 'pod', image, published), origin: originOf(container) }]
    })
}

function service(name: string, spec: Tree | undefined, starts: Starts): readonly Opened[] {
  const type = textOf(entry(spec, 'type'))
  if (spec === undefined || (type !== 'NodePort' && type !== 'LoadBalancer')) return []
  const published = firstItems(entry(spec, 'ports'), starts).flatMap((port) => {
    const outside = type === 'LoadBalancer' ? entry(port, 'port') : entry(port, 'nodePort')
    const target = entry(port, 'targetPort')
    return portOf(outside, number(target) === undefined ? entry(port, 'port') : target, port)
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
function portOf(outside: Tree | undefined, inside: Tree | undefined, port: Tree, hostIp?: Tree): readonly ConfiguredPort[] {
  const host = number(outside)
  const container = number(inside) ?? host
  if (container === undefined || host === 0 || (outside !== undefined && host === undefined)) return []
  const address: Value = hostIp === undefined ? ABSENT : { kind: 'known', value: textOf(hostIp) ?? '', origin: originOf(hostIp) }
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

function number(tree: Tree | undefined): number | undefined {
  const text = textOf(tree)
  return text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined
}

function claimOf(name: string, image: string | undefined, published: readonly ConfiguredPort[]): ComposeService {
  return {
    claim: 'compose-service',
    project: '',
    manager: 'Kubernetes',
    name,
    ...(image === undefined ? {} : { image }),
    profiles: [],
    networks: [],
    published,
    exposed: [],
    restart: 'always',
  }
}
