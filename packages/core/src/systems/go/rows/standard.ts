import { type GoFramework, row } from '../row.ts'

const NET = 'Go 1.19, net/dial.go: Listen; an empty host listens on all available unicast and anycast addresses'

/** The standard library. Every row was started and its sockets read. */
export const STANDARD_FRAMEWORKS: readonly GoFramework[] = [
  row({
    id: 'net/http',
    title: 'Go net/http',
    example: 'http.ListenAndServe(":8080", nil)',
    defaultHost: '*',
    defaultPort: 80,
    source: 'Go 1.19, net/http/server.go: Server.ListenAndServe (an empty Addr is ":http")',
    calls: [
      { name: 'net/http.ListenAndServe', address: 0 },
      { name: 'net/http.Server#ListenAndServe', field: { name: 'Addr' } },
    ],
  }),
  row({
    id: 'net/http:tls',
    title: 'Go net/http with TLS',
    example: 'http.ListenAndServeTLS(":8443", cert, key, nil)',
    defaultHost: '*',
    defaultPort: 443,
    source: 'Go 1.19, net/http/server.go: Server.ListenAndServeTLS (an empty Addr is ":https")',
    calls: [
      { name: 'net/http.ListenAndServeTLS', address: 0 },
      { name: 'net/http.Server#ListenAndServeTLS', field: { name: 'Addr' } },
    ],
  }),
  row({
    id: 'net/http/pprof',
    title: 'Go net/http with pprof',
    example: 'import _ "net/http/pprof"; http.ListenAndServe(":6060", nil)',
    defaultHost: '*',
    defaultPort: 80,
    source: 'Go 1.19, net/http/pprof/pprof.go: init registers its handlers on http.DefaultServeMux, which a nil handler serves',
    calls: [],
  }),
  row({
    id: 'net',
    title: 'Go net',
    example: 'net.Listen("tcp", ":9000")',
    defaultHost: '*',
    source: NET,
    calls: [
      { name: 'net.Listen', network: 0, address: 1 },
      { name: 'net.ListenTCP', network: 0, address: 1 },
      { name: 'net.ListenConfig#Listen', network: 1, address: 2 },
    ],
  }),
  row({
    id: 'net:udp',
    title: 'Go net',
    protocol: 'udp',
    example: 'net.ListenPacket("udp", ":9000")',
    defaultHost: '*',
    source: 'Go 1.19, net/dial.go: ListenPacket; net/udpsock.go: ListenUDP (an IP that is nil or unspecified is every address)',
    calls: [
      { name: 'net.ListenPacket', network: 0, address: 1 },
      { name: 'net.ListenUDP', network: 0, address: 1 },
      { name: 'net.ListenConfig#ListenPacket', network: 1, address: 2 },
    ],
  }),
  row({
    id: 'crypto/tls',
    title: 'Go crypto/tls',
    example: 'tls.Listen("tcp", ":8443", config)',
    defaultHost: '*',
    source: 'Go 1.19, crypto/tls/tls.go: Listen (net.Listen)',
    calls: [{ name: 'crypto/tls.Listen', network: 0, address: 1 }],
  }),
]
