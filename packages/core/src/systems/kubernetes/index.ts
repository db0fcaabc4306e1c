import type { System } from '../system.ts'

/** Manifests of Kubernetes, kustomizations of them, and clusters of kind: which ports of a node, or of this machine, lead to containers. */
export const kubernetes: System = {
  name: 'kubernetes',
  title: 'Kubernetes manifest',
  reads: [
    {
      path: /\.(?:ya?ml|json)$/,
      contains: /\b(?:hostPort|hostNetwork|NodePort|LoadBalancer|extraPortMappings)\b/,
      ifReadable: true,
      begins: /(?:^|[{,])[ \t]{0,64}["']?apiVersion["']?[ \t]{0,8}:/m,
    },
    { path: /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/ },
  ],
  writtenByScripts: true,
  load: async () => (await import('./read.ts')).kubernetesReader,
}
