import { includesPort, type ProxyListener, type ProxyServer, type ServerName, socketKey } from '../../evidence/index.ts'
import { type Address, isUnspecified, sameAddress } from '../../network/index.ts'
import { OPAQUE, type RegexMatcher, type Selection, selection } from './regex.ts'

/** The listener that takes a connection to an address of this host: the one for exactly that address, else the one for every address of its family. */
export function selectListener(servers: readonly ProxyServer[], address: Address, port: number): ProxyListener | undefined {
  const there = servers
    .flatMap((server) => server.listeners)
    .filter((listener) => {
      return listener.protocol === 'tcp' && listener.at.kind === 'inet' && includesPort(listener.at.ports, port)
    })
  const at = (wanted: Address): ProxyListener | undefined =>
    there.find((listener) => listener.at.kind === 'inet' && sameAddress(listener.at.address, wanted))
  const dual = there.find(
    (listener) =>
      listener.at.kind === 'inet' && listener.at.address.family === 6 && isUnspecified(listener.at.address) && !listener.ipv6only,
  )
  return at(address) ?? at({ family: address.family, value: 0n }) ?? (address.family === 4 ? dual : undefined)
}

/** The servers that take connections at the listener's socket, in the order of the configuration. */
function serversAt(servers: readonly ProxyServer[], listener: ProxyListener): readonly ProxyServer[] {
  const key = socketKey(listener)
  return servers.filter((server) => server.listeners.some((other) => socketKey(other) === key))
}

/** The names of the servers of one socket, as nginx keeps them: the first to claim a name has it (`ngx_http_server_names`). */
export class NameTable {
  readonly defaultServer: ProxyServer | undefined
  readonly #exact = new Map<string, ProxyServer>()
  /** Names that no later server can have exactly, whether or not one has them. */
  readonly #taken = new Set<string>()
  /** By suffix: those that match with at least one label before it, or also without (`andItself`). */
  readonly #starts = new Map<string, { readonly server: ProxyServer; readonly andItself: boolean }>()
  /** By prefix: those that match with at least one label behind it. */
  readonly #ends = new Map<string, ProxyServer>()
  readonly #regexes: { readonly name: ServerName & { readonly kind: 'regex' }; readonly server: ProxyServer }[] = []
  readonly #undecided: ProxyServer[] = []
  readonly #effective = new Map<ProxyServer, ServerName[]>()

  constructor(servers: readonly ProxyServer[], listener: ProxyListener) {
    const key = socketKey(listener)
    this.defaultServer =
      servers.find((server) => server.listeners.some((other) => other.defaultServer && socketKey(other) === key)) ?? servers[0]
    for (const server of servers) for (const name of server.names) this.#add(name, server)
  }

  /** The names of the server that no earlier one has taken. A server that is alone on its socket needs none. */
  namesOf(server: ProxyServer): readonly ServerName[] {
    return this.#effective.get(server) ?? []
  }

  /** `name` as in the Host header or the TLS server name, without port, in lower case; `''` where none was sent. */
  select(name: string, regex: RegexMatcher = OPAQUE): Selection<ProxyServer> {
    const certain = this.#exact.get(name) ?? (name === '' ? undefined : (this.#longestStart(name) ?? this.#longestEnd(name)))
    const fallback = certain ?? this.defaultServer
    const candidates: ProxyServer[] = [...this.#undecided]
    if (certain === undefined && name !== '') {
      for (const { name: pattern, server } of this.#regexes) {
        const matches = regex(pattern.pattern, pattern.caseSensitive, name)
        if (matches === false) continue
        candidates.push(server)
        if (matches) return selection(candidates, 'a name from outside the file may be this one')
      }
    }
    if (fallback !== undefined) candidates.push(fallback)
    return selection(candidates, 'a regex, or a name from outside the file, may match')
  }

  #add(name: ServerName, server: ProxyServer): void {
    if (!this.#take(name, server)) return
    const names = this.#effective.get(server) ?? []
    names.push(name)
    this.#effective.set(server, names)
  }

  #take(name: ServerName, server: ProxyServer): boolean {
    switch (name.kind) {
      case 'exact':
        if (this.#taken.has(name.name)) return false
        this.#taken.add(name.name)
        this.#exact.set(name.name, server)
        return true
      case 'wildcard-start':
        // `.example.com` is refused whole where `example.com` or `*.example.com` is taken; in the latter case it still
        // takes `example.com` from those that follow (`ngx_hash_add_key`).
        if (name.andItself && this.#taken.has(name.suffix)) return false
        if (name.andItself) this.#taken.add(name.suffix)
        return claim(this.#starts, name.suffix, { server, andItself: name.andItself })
      case 'wildcard-end':
        return claim(this.#ends, name.prefix, server)
      case 'regex':
        this.#regexes.push({ name, server })
        return true
      case 'undecided':
        this.#undecided.push(server)
        return true
      case 'catch-all':
        return true
      default:
        return name satisfies never
    }
  }

  #longestStart(name: string): ProxyServer | undefined {
    const itself = this.#starts.get(name)
    if (itself?.andItself === true) return itself.server
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
      const found = this.#starts.get(name.slice(dot + 1))
      if (found !== undefined) return found.server
    }
    return undefined
  }

  #longestEnd(name: string): ProxyServer | undefined {
    for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
      const server = this.#ends.get(name.slice(0, dot))
      if (server !== undefined) return server
    }
    return undefined
  }
}

function claim<T>(table: Map<string, T>, name: string, by: T): boolean {
  if (table.has(name)) return false
  table.set(name, by)
  return true
}

/** Which server answers a connection to the listener with this Host header (`undefined`: none was sent). `undefined`: nginx answers 400. */
export function selectServer(
  servers: readonly ProxyServer[],
  listener: ProxyListener,
  hostHeader: string | undefined,
  regex: RegexMatcher = OPAQUE,
): Selection<ProxyServer> | undefined {
  const name = hostHeader === undefined ? '' : hostName(hostHeader)
  return name === undefined ? undefined : new NameTable(serversAt(servers, listener), listener).select(name, regex)
}

/** The name in a Host header: port and final dot taken off, lower case. `undefined`: none that nginx takes (`ngx_http_validate_host`). */
export function hostName(header: string): string | undefined {
  const parts = /^(\[[^\]]*\]|[^:[]*)(?::[^/]*)?$/.exec(header)
  const name = parts?.[1]?.replace(/\.$/, '').toLowerCase()
  return name === undefined || name === '' || name.includes('..') || /[\u0000-\u0020\u007f/]/.test(name) ? undefined : name
}
