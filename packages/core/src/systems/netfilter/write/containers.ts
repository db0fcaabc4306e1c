/**
 * The interfaces of container engines, by which a packet filter tells a machine's containers from its neighbours.
 *
 * `from`: the addresses that count as containers' there. Bridges of people's own are called `br-lan` as well: what leads to containers is closed
 * on all of them, and opened for those addresses alone that Docker gives to networks without a word (default-address-pools of dockerd(8)).
 */
export const CONTAINER_INTERFACES: readonly { readonly prefix: string; readonly from?: string }[] = [
  // docker0, docker_gwbridge
  { prefix: 'docker' },
  // Docker's further networks: br-0123456789ab
  { prefix: 'br-', from: '172.16.0.0/12' },
  { prefix: 'podman' },
  { prefix: 'cni-podman' },
]
