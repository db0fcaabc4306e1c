import type { Boundary } from '../../evidence/index.ts'

/** What a machine shows of what it is: texts of /sys/class/dmi/id, /proc and marks that runtimes leave. Absent where there is none. */
export interface BoundarySigns {
  readonly vendor?: string
  readonly product?: string
  /** `osrelease`, /proc/sys/kernel/osrelease. */
  readonly kernel?: string
  readonly dockerMark: boolean
  readonly podmanMark: boolean
  /** `container=` in the environment of pid 1, set by systemd-nspawn, lxc and podman. */
  readonly containerVariable?: string
  /** /proc/self/uid_map maps the whole range of users (`0 0 4294967295`). */
  readonly initialUserNamespace: boolean
}

interface Row {
  readonly kind: Boundary['kind']
  readonly label: string
  readonly filter?: string
  matches(signs: BoundarySigns): boolean
}

const vendor = (text: RegExp) => (signs: BoundarySigns) => text.test(`${signs.vendor ?? ''} ${signs.product ?? ''}`)

/** The first row that matches holds. A machine inside another shows the inner one. */
const ROWS: readonly Row[] = [
  {
    kind: 'wsl',
    label: 'WSL2',
    filter: 'the Windows host (its NAT and firewall)',
    matches: (signs) => /microsoft.*wsl/i.test(signs.kernel ?? ''),
  },
  {
    kind: 'docker-desktop',
    label: 'Docker Desktop',
    filter: 'Docker Desktop, which forwards published ports',
    matches: (signs) => /linuxkit/i.test(signs.kernel ?? ''),
  },
  {
    kind: 'container',
    label: 'a container',
    filter: 'the container engine and the host that it runs on',
    matches: (signs) => signs.dockerMark || signs.podmanMark || signs.containerVariable !== undefined,
  },
  {
    kind: 'rootless',
    label: 'a user namespace',
    filter: 'the host outside the user namespace',
    matches: (signs) => !signs.initialUserNamespace,
  },
  { kind: 'cloud', label: 'Amazon EC2', filter: 'security groups and network ACLs', matches: vendor(/amazon|ec2/i) },
  { kind: 'cloud', label: 'Google Compute Engine', filter: 'VPC firewall rules', matches: vendor(/google/i) },
  // Hyper-V on somebody's own desk has the same vendor; what stands before it is as unseen.
  { kind: 'cloud', label: 'Microsoft Azure or Hyper-V', filter: 'network security groups', matches: vendor(/microsoft corporation/i) },
  { kind: 'cloud', label: 'DigitalOcean', filter: 'cloud firewalls', matches: vendor(/digitalocean/i) },
  { kind: 'cloud', label: 'Hetzner', filter: 'cloud firewalls', matches: vendor(/hetzner/i) },
  { kind: 'cloud', label: 'Oracle Cloud', filter: 'security lists', matches: vendor(/oraclecloud/i) },
  { kind: 'cloud', label: 'Alibaba Cloud', filter: 'security groups', matches: vendor(/alibaba/i) },
  { kind: 'cloud', label: 'Vultr', filter: 'firewall groups', matches: vendor(/vultr/i) },
  { kind: 'cloud', label: 'Linode', filter: 'cloud firewalls', matches: vendor(/linode|akamai/i) },
  { kind: 'cloud', label: 'OpenStack', filter: 'security groups', matches: vendor(/openstack/i) },
  { kind: 'cloud', label: 'Scaleway', filter: 'security groups', matches: vendor(/scaleway/i) },
]

/** What stands between this machine and the world, as far as it can be told from inside. */
export function readBoundary(signs: BoundarySigns): Boundary {
  const row = ROWS.find((candidate) => candidate.matches(signs))
  if (row === undefined) return { claim: 'boundary', kind: 'unknown', label: 'not known' }
  return { claim: 'boundary', kind: row.kind, label: row.label, ...(row.filter === undefined ? {} : { filter: row.filter }) }
}
