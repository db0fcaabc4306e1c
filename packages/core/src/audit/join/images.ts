/** `ghcr.io/example/redis:7@sha256:…` is redis. */
export function imageName(image: string): string {
  return (image.split('@')[0] ?? '').split('/').at(-1)?.split(':')[0] ?? ''
}

/** Servers that stand before others, by process and image. */
export const WEB_SERVERS: ReadonlySet<string> = new Set([
  'nginx',
  'caddy',
  'traefik',
  'haproxy',
  'apache2',
  'httpd',
  'envoy',
  'lighttpd',
  'nginx-proxy',
])
