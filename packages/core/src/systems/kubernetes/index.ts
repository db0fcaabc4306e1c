import type { System } from '../system.ts'

/** Manifests of Kubernetes: which ports of a node lead to containers. */
export const kubernetes: System = {
  name: 'kubernetes',
  title: 'Kubernetes manifest',
  reads: [
    {
      path: /\.(?:ya?ml|json)$/,
      contains: /\b(?:hostPort|hostNetwork|NodePort|LoadBalancer)\b/,
      ifReadable: true,
      begins: /(?:^|[{,])[ \t]{0,64}["']?apiVersion["']?[ \t]{0,8}:/m,
    },
  ],
  writtenByScripts: true,
  load: async () => (await import('./read.ts')).kubernetesReader,
}
