/**
 * Images that everybody knows, by name, and the program that each runs where nothing else is said (the images' own Dockerfiles on Docker
 * Hub: ENTRYPOINT and CMD). What a program then binds in a container is a fact of the program table.
 */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  redis: ['redis-server'],
  'redis/redis-stack-server': ['redis-server'],
  'valkey/valkey': ['valkey-server'],
  memcached: ['memcached'],
  mongo: ['mongod'],
  postgres: ['postgres'],
  'postgis/postgis': ['postgres'],
  'pgvector/pgvector': ['postgres'],
  'timescale/timescaledb': ['postgres'],
  mysql: ['mysqld'],
  mariadb: ['mariadbd'],
  'prom/prometheus': ['prometheus'],
  'prom/node-exporter': ['node_exporter'],
  'prom/alertmanager': ['alertmanager'],
  'prom/pushgateway': ['pushgateway'],
  'prom/blackbox-exporter': ['blackbox_exporter'],
  'ollama/ollama': ['ollama', 'serve'],
}

/** Start their program by a script of their own, which a command that names the program passes by (redis-stack: its modules). */
const BY_SCRIPT: ReadonlySet<string> = new Set(['redis/redis-stack-server'])

/** The words of the program of an image (`redis:7-alpine`, `docker.io/library/redis`); `undefined`: an image that is not known. */
export function programOf(image: string | undefined): readonly string[] | undefined {
  const name = nameOf(image)
  return name !== undefined && Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined
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
