import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { environment, PATH } from './process.ts'

export type Requirements = { readonly ok: true } | { readonly ok: false; readonly missing: readonly string[] }

/** Programs the lab runs, each with the Debian package that brings it. */
const PROGRAMS: readonly (readonly [program: string, debianPackage: string])[] = [
  ['ip', 'iproute2'],
  ['unshare', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['setpriv', 'util-linux'],
  ['iptables-nft-restore', 'iptables'],
  ['iptables-legacy-restore', 'iptables'],
  ['nft', 'nftables'],
  ['ipset', 'ipset'],
  ['conntrack', 'conntrack'],
  ['ufw', 'ufw'],
  ['nginx', 'nginx-light'],
  ['dockerd', 'docker.io'],
  ['docker', 'docker.io'],
  ['busybox', 'busybox-static'],
  ['/usr/bin/python3', 'python3'],
]

/** What the kernel must be able to do (and busybox), each tried for real in namespaces that vanish with the try. */
const ABILITIES: readonly (readonly [ability: string, script: string])[] = [
  ['namespaces', 'true'],
  ['bridges and veth pairs', 'ip link add br0 type bridge && ip link add ve0 type veth peer name ve1 && ip link set ve0 master br0'],
  ['IPv6', 'ip link set lo up && ip addr add 2001:db8::1/64 dev lo nodad'],
  ['routing by mark', 'ip rule add fwmark 1 lookup 1'],
  ['nftables', 'nft add table inet t'],
  ['iptables, nft back end', 'iptables-nft -A INPUT -p tcp --dport 1 -m conntrack --ctstate NEW -j DROP && ip6tables-nft -A INPUT -j DROP'],
  ['iptables, legacy back end', 'iptables-legacy -A INPUT -p tcp --dport 1 -j DROP && ip6tables-legacy -A INPUT -j DROP'],
  ['NAT', 'iptables-nft -t nat -A PREROUTING -p tcp --dport 1 -j DNAT --to 192.0.2.1'],
  ['a static busybox', 'mount -t tmpfs tmpfs /mnt && cp "$(command -v busybox)" /mnt/busybox && chroot /mnt /busybox true'],
  [
    'tmpfs and overlayfs',
    'mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w && mount -t overlay o -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /etc',
  ],
]

let found: Promise<Requirements> | undefined

/** Whether a lab can be built here: root, the programs, the kernel. Asked once a process. */
export function requirements(): Promise<Requirements> {
  found ??= look()
  return found
}

async function look(): Promise<Requirements> {
  if (process.platform !== 'linux') return { ok: false, missing: [`Linux (this is ${process.platform})`] }
  if (process.getuid?.() !== 0) return { ok: false, missing: ['root'] }
  const absent = await Promise.all(
    PROGRAMS.map(async ([program, from]) => ((await exists(program)) ? [] : [`${program} (package ${from})`])),
  )
  const missing = absent.flat()
  // Without the programs the tries would only say so again.
  if (missing.length === 0) missing.push(...(await Promise.all(ABILITIES.map(attempt))).flat())
  return missing.length === 0 ? { ok: true } : { ok: false, missing }
}

async function exists(program: string): Promise<boolean> {
  const candidates = program.startsWith('/') ? [program] : PATH.split(delimiter).map((folder) => join(folder, program))
  const tries = await Promise.allSettled(candidates.map((path) => access(path, constants.X_OK)))
  return tries.some((each) => each.status === 'fulfilled')
}

async function attempt([ability, script]: readonly [string, string]): Promise<readonly string[]> {
  try {
    await promisify(execFile)('unshare', ['--net', '--mount', '--pid', '--fork', '--uts', '--ipc', '/bin/sh', '-ec', script], {
      timeout: 10_000,
      env: environment(),
    })
    return []
  } catch (error) {
    const [said = ''] = String((error as { stderr?: string }).stderr ?? error)
      .trim()
      .split('\n')
    return [`${ability} (${said})`]
  }
}
