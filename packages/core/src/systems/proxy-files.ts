import type { Launch } from '../evidence/index.ts'

/** Where images have the configuration of a proxy (their Dockerfiles: nginx, openresty, caddy, haproxy, bitnami, linuxserver). */
const HOMES = [
  '/etc/nginx',
  '/etc/openresty',
  '/usr/local/nginx/conf',
  '/usr/local/openresty/nginx/conf',
  '/opt/bitnami/nginx/conf',
  '/config/nginx',
  '/etc/caddy',
  '/opt/bitnami/caddy',
  '/etc/haproxy',
  '/usr/local/etc/haproxy',
  '/bitnami/haproxy/conf',
]

/** By its name a file of one, wherever it is. */
const NAMED = /\/(?:nginx[^/]*\.conf(?:\.template)?|Caddyfile|haproxy[^/]*\.cfg)$/

/**
 * The file or directory of the folder that the proxy of a container reads, of what is mounted or copied from `source` to `place` (absolute):
 * also where more than its configuration is. `undefined`: none.
 */
export function proxyFile(place: string, source: string): string | undefined {
  if (HOMES.some((home) => place === home || place.startsWith(`${home}/`)) || NAMED.test(place)) return source
  const above = place.endsWith('/') ? place : `${place}/`
  const [home] = HOMES.filter((one) => one.startsWith(above))
  return home === undefined ? undefined : [source, home.slice(above.length)].filter((part) => part !== '').join('/')
}

/** As `proxyFile`, of everything that is mounted. */
export function proxyFilesIn(mounts: ReadonlyMap<string, string>): readonly string[] {
  return [...mounts].flatMap(([place, source]) => proxyFile(place, source) ?? [])
}

/** What is started in a container with these files of the folder. */
export function withProxyFiles(launch: Launch, files: readonly string[]): Launch {
  return files.length === 0 ? launch : { ...launch, proxyFiles: [...new Set(files)] }
}
