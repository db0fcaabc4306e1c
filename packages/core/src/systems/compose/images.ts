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

/** The words of the program of an image (`redis:7-alpine`, `docker.io/library/redis`); `undefined`: an image that is not known. */
export function programOf(image: string | undefined): readonly string[] | undefined {
  const name = image
    ?.replace(/@.*$/s, '')
    .replace(/:[^/]*$/s, '')
    .replace(/^(?:docker\.io|index\.docker\.io|quay\.io|public\.ecr\.aws\/docker)\//, '')
    .replace(/^(?:library|prometheus)\//, (owner) => (owner === 'prometheus/' ? 'prom/' : ''))
  return name !== undefined && Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined
}
