/** firewalld(1), DIRECTORIES: what is in /etc stands for what has its name in /usr/lib. */
export const CONF = '/etc/firewalld/firewalld.conf'
export const ZONES = '/etc/firewalld/zones/*.xml'

/** The name of a zone that nothing else is chosen for (firewalld.conf(5), DefaultZone). */
export const DEFAULT_ZONE = 'public'

export function zonePaths(name: string): readonly string[] {
  return [`/etc/firewalld/zones/${name}.xml`, `/usr/lib/firewalld/zones/${name}.xml`]
}

export function servicePaths(name: string): readonly string[] {
  return [`/etc/firewalld/services/${name}.xml`, `/usr/lib/firewalld/services/${name}.xml`]
}
