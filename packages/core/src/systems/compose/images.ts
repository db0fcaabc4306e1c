/**
 * Images that everybody knows, by name, and the program that each runs where nothing else is said (the images' own Dockerfiles on Docker
 * Hub: ENTRYPOINT and CMD), with the ports that it says to listen on (EXPOSE). What a program then binds in a container is a fact of the program table.
 */
const IMAGES: Readonly<Record<string, { readonly runs: readonly string[]; readonly exposes: readonly number[] }>> = {
  redis: { runs: ['redis-server'], exposes: [6379] },
  'redis/redis-stack-server': { runs: ['redis-server'], exposes: [6379] },
  'valkey/valkey': { runs: ['valkey-server'], exposes: [6379] },
  memcached: { runs: ['memcached'], exposes: [11211] },
  mongo: { runs: ['mongod'], exposes: [27017] },
  postgres: { runs: ['postgres'], exposes: [5432] },
  'postgis/postgis': { runs: ['postgres'], exposes: [5432] },
  'pgvector/pgvector': { runs: ['postgres'], exposes: [5432] },
  'timescale/timescaledb': { runs: ['postgres'], exposes: [5432] },
  mysql: { runs: ['mysqld'], exposes: [3306, 33060] },
  mariadb: { runs: ['mariadbd'], exposes: [3306] },
  'prom/prometheus': { runs: ['prometheus'], exposes: [9090] },
  'prom/node-exporter': { runs: ['node_exporter'], exposes: [9100] },
  'prom/alertmanager': { runs: ['alertmanager'], exposes: [9093] },
  'prom/pushgateway': { runs: ['pushgateway'], exposes: [9091] },
  'prom/blackbox-exporter': { runs: ['blackbox_exporter'], exposes: [9115] },
  'ollama/ollama': { runs: ['ollama', 'serve'], exposes: [11434] },
}

/** Start their program by a script of their own, which a command that names the program passes by (redis-stack: its modules). */
const BY_SCRIPT: ReadonlySet<string> = new Set(['redis/redis-stack-server'])

/** The words of the program of an image (`redis:7-alpine`, `docker.io/library/redis`); `undefined`: an image that is not known. */
export function programOf(image: string | undefined): readonly string[] | undefined {
  return imageOf(image)?.runs
}

/** The TCP ports that an image says to listen on, which `docker run -P` publishes; `undefined`: an image that is not known. */
export function portsOfImage(image: string | undefined): readonly number[] | undefined {
  return imageOf(image)?.exposes
}

function imageOf(image: string | undefined): (typeof IMAGES)[string] | undefined {
  const name = nameOf(image)
  return name !== undefined && Object.hasOwn(IMAGES, name) ? IMAGES[name] : undefined
}

/** The same, where a command that begins with these words runs the program as the image would. */
export function commandOfImage(image: string): readonly string[] | undefined {
  return BY_SCRIPT.has(nameOf(image) ?? '') ? undefined : programOf(image)
}

function nameOf(image: string | undefined): string | undefined {
  return image
    ?.replace(/@.*$/s, '')
    .replace(/:[^/]*$/s, '')
    .replace(/^(?:docker\.io|index\.docker\.io|quay\.io|public\.ecr\.aws\/docker)\//, '')
    .replace(/^(?:library|prometheus)\//, (owner) => (owner === 'prometheus/' ? 'prom/' : ''))
}
