import { readdirSync } from 'node:fs'
import { printable } from '@sallyport/core/evidence'
import type { SeenNamespace } from './namespaces.ts'
import type { Observer } from './observer.ts'
import { readProc } from './proc.ts'

/** Settings that decide reach (kernel Documentation/networking/ip-sysctl.rst). `*` stands for every interface. */
const SETTINGS: readonly string[] = [
  'net.ipv4.ip_forward',
  'net.ipv6.conf.all.forwarding',
  'net.ipv4.conf.*.forwarding',
  'net.ipv6.conf.*.force_forwarding',
  'net.ipv4.conf.*.route_localnet',
  'net.ipv4.conf.*.accept_local',
  'net.ipv4.conf.*.rp_filter',
  'net.ipv6.conf.*.disable_ipv6',
  'net.bridge.bridge-nf-call-iptables',
  'net.bridge.bridge-nf-call-ip6tables',
]

const ROOT = '/proc/sys/'

/** /proc/sys/net shows the settings of the namespace of whoever reads it: our own are read at once, another's by a program run there. */
export async function collectSettings(observer: Observer, namespace: SeenNamespace): Promise<void> {
  const see = (path: string, value: string): void =>
    observer.see({ claim: 'sysctl', name: nameOf(path), value }, { kind: 'kernel', path: printable(path) }, namespace.id)
  if (namespace.own) {
    for (const path of SETTINGS.flatMap(pathsOf)) {
      const value = readProc(path)
      if (value !== undefined) see(path, value.trim())
    }
    return
  }
  const patterns = SETTINGS.map(pathOf).join(' ')
  const ran = await namespace.shell.run('sh', ['-c', `grep -a -H '' ${patterns}`])
  // grep ends with 2 when one of the files is absent, and has printed the rest: what is absent is not set.
  const text = ran.kind === 'ok' || ran.kind === 'failed' ? ran.stdout : ''
  for (const line of text.split('\n')) {
    // No interface has a colon in its name.
    const colon = line.indexOf(':')
    if (colon > 0) see(line.slice(0, colon), line.slice(colon + 1))
  }
}

function pathOf(setting: string): string {
  return `${ROOT}${setting.split('.').join('/')}`
}

function pathsOf(setting: string): readonly string[] {
  const path = pathOf(setting)
  const [folder = '', rest] = path.split('*')
  return rest === undefined ? [path] : interfacesIn(folder).map((item) => `${folder}${item}${rest}`)
}

function interfacesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** As sysctl(8) writes it; an interface's name may hold dots (`eth0.100`). */
function nameOf(path: string): string {
  return path.slice(ROOT.length).split('/').join('.')
}
