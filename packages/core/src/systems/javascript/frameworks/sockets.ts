import { row, type ServerRow } from './row.ts'

/** Servers of WebSockets and of gRPC. */
export const SOCKETS_ROWS: readonly ServerRow[] = [
  row({
    id: 'ws',
    title: 'ws',
    example: 'new WebSocketServer({ port: 8080 })',
    defaultHost: '*',
    source:
      'ws 8.23.0, lib/websocket-server.js, constructor: http.createServer().listen(port, host), with port only; with server or noServer nothing',
    makers: [],
    binds: ['ws#WebSocketServer', 'ws#Server'].map((call) => ({
      call,
      reads: { form: 'options', port: 'port', host: 'host', only: 'port', unless: ['server', 'noServer'] },
    })),
  }),
  row({
    id: 'socket.io',
    title: 'Socket.IO',
    example: 'new Server(3000)',
    defaultHost: '*',
    source:
      'socket.io 4.8.4, dist/index.js, Server.attach: a number (or numeric text) makes an http server that listens on it, no host can be given',
    makers: ['socket.io', 'socket.io#Server'],
    types: ['socket.io#Server'],
    binds: [
      { method: 'listen', reads: { form: 'port' } },
      { method: 'attach', reads: { form: 'port' } },
      { call: 'socket.io', reads: { form: 'port' } },
      { call: 'socket.io#Server', reads: { form: 'port' } },
      { call: 'socket.io#listen', reads: { form: 'port' } },
    ],
  }),
  row({
    id: 'peer',
    title: 'PeerServer',
    example: 'PeerServer({ port: 9000 })',
    defaultHost: '*',
    defaultPort: 9000,
    source: 'peer 1.0.2, dist/index.cjs, PeerServer: server.listen(port, host), config: host "::", port 9000; 0.6.1, dist/src: the same',
    makers: [],
    binds: [{ call: 'peer#PeerServer', reads: { form: 'options', port: 'port', host: 'host' } }],
  }),
  row({
    id: 'grpc',
    title: 'gRPC, @grpc/grpc-js',
    example: "server.bindAsync('127.0.0.1:50051', credentials, callback)",
    defaultHost: '*',
    defaultPort: 443,
    source:
      '@grpc/grpc-js 1.14.7, build/src/server.js, bindAsync: the address is always given, `:50051` binds nothing; resolver-ip.js, DEFAULT_PORT',
    makers: ['@grpc/grpc-js#Server', 'grpc#Server'],
    types: ['@grpc/grpc-js#Server'],
    binds: [
      { method: 'bindAsync', reads: { form: 'address' } },
      { method: 'bind', reads: { form: 'address' } },
    ],
  }),
]
