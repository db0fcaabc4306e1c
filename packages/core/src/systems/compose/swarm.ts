import { ABSENT, type ComposeService, type Evidence } from '../../evidence/index.ts'

/** Names that only files for `docker stack deploy` have; `elk-stack.yml` may be compose's as well. */
const STACK = /(?:^|\/)(?:[\w-]+\.|docker[._-]?|swarm[._-]?)?stack(?:[._-][\w.-]+)?\.ya?ml$/

export function isStackFile(path: string): boolean {
  return STACK.test(path)
}

/** A swarm publishes on every interface, whatever address the file gives (docker, stack deploy: the host's IP is ignored). */
export const inSwarm = changed((service) => ({
  ...service,
  published: service.published.map((port) => ({ ...port, hostAddress: ABSENT })),
}))

/** Changes what evidence says of services of compose. */
export function changed(change: (service: ComposeService) => ComposeService): (evidence: Evidence) => Evidence {
  return (evidence) => (evidence.claim.claim === 'compose-service' ? { ...evidence, claim: change(evidence.claim) } : evidence)
}
