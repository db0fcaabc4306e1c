import { type PythonFramework, row } from '../row.ts'

const PAIR = { keywords: ['server_address'], position: 0 } as const
const HOST_PORT = { host: { keywords: ['host'], position: 1 }, port: { keywords: ['port'], position: 2 } } as const
const LOOPS = ['asyncio.get_event_loop()', 'asyncio.get_running_loop()', 'asyncio.new_event_loop()', 'uvloop.new_event_loop()'] as const

/** The standard library, and servers that are not of the web. All of the standard library's were started and their sockets read. */
export const STANDARD_FRAMEWORKS: readonly PythonFramework[] = [
  row({
    id: 'http.server',
    title: 'Python http.server',
    example: 'HTTPServer(("", 8000), Handler)',
    defaultHost: '0.0.0.0',
    source: 'Python 3.11, Lib/http/server.py: HTTPServer; Lib/socketserver.py: TCPServer.server_bind (AF_INET)',
    calls: [
      {
        names: [
          'http.server.HTTPServer',
          'http.server.ThreadingHTTPServer',
          'BaseHTTPServer.HTTPServer',
          'werkzeug.serving.BaseWSGIServer',
          'wsgiref.simple_server.WSGIServer',
        ],
        endpoint: PAIR,
        every: '0.0.0.0',
      },
      {
        names: ['http.server.test'],
        host: { keywords: ['bind'], position: 4 },
        port: { keywords: ['port'], position: 3 },
        every: '0.0.0.0',
      },
      {
        names: ['wsgiref.simple_server.make_server'],
        host: { keywords: ['host'], position: 0 },
        port: { keywords: ['port'], position: 1 },
        every: '0.0.0.0',
      },
      {
        names: ['xmlrpc.server.SimpleXMLRPCServer', 'xmlrpc.server.DocXMLRPCServer'],
        endpoint: { keywords: ['addr'], position: 0 },
        every: '0.0.0.0',
      },
    ],
  }),
  row({
    id: 'socketserver',
    title: 'Python socketserver',
    example: 'TCPServer(("", 9000), Handler)',
    defaultHost: '0.0.0.0',
    source: 'Python 3.11, Lib/socketserver.py: TCPServer.server_bind (AF_INET)',
    calls: [
      {
        names: [
          'socketserver.TCPServer',
          'socketserver.ThreadingTCPServer',
          'socketserver.ForkingTCPServer',
          'SocketServer.TCPServer',
          'SocketServer.ThreadingTCPServer',
        ],
        endpoint: PAIR,
        every: '0.0.0.0',
      },
    ],
  }),
  row({
    id: 'socketserver-udp',
    title: 'Python socketserver (UDP)',
    protocol: 'udp',
    example: 'UDPServer(("", 9000), Handler)',
    defaultHost: '0.0.0.0',
    source: 'Python 3.11, Lib/socketserver.py: UDPServer',
    calls: [
      {
        names: ['socketserver.UDPServer', 'socketserver.ThreadingUDPServer', 'socketserver.ForkingUDPServer', 'SocketServer.UDPServer'],
        endpoint: PAIR,
        every: '0.0.0.0',
      },
    ],
  }),
  row({
    id: 'socket',
    title: 'Python socket',
    example: 's.bind(("", 9000))',
    defaultHost: '0.0.0.0',
    source: "docs.python.org/3/library/socket.html, Socket families: '' is INADDR_ANY",
    calls: [
      {
        names: ['socket.socket().bind', 'gevent.socket.socket().bind'],
        endpoint: { keywords: ['address'], position: 0 },
        every: '0.0.0.0',
        guess: { method: 'bind', imports: /\bsocket\b/, given: 'pair' },
      },
      { names: ['socket.create_server'], endpoint: { keywords: ['address'], position: 0 }, every: '0.0.0.0' },
    ],
  }),
  row({
    id: 'asyncio',
    title: 'Python asyncio',
    example: 'asyncio.start_server(handle, port=9000)',
    defaultHost: '*',
    source: 'docs.python.org/3/library/asyncio-eventloop.html: loop.create_server, host None or empty is all interfaces',
    calls: [
      { names: ['asyncio.start_server', 'asyncio.streams.start_server'], ...HOST_PORT, elsewhere: { keywords: ['sock'] } },
      {
        names: LOOPS.map((loop) => `${loop}.create_server`),
        ...HOST_PORT,
        elsewhere: { keywords: ['sock'] },
        guess: { method: 'create_server', imports: /\basyncio\b/, given: 'host' },
      },
    ],
  }),
  row({
    id: 'asyncio-udp',
    title: 'Python asyncio (UDP)',
    protocol: 'udp',
    example: 'loop.create_datagram_endpoint(Protocol, local_addr=("0.0.0.0", 9999))',
    defaultHost: '*',
    source: 'docs.python.org/3/library/asyncio-eventloop.html: loop.create_datagram_endpoint',
    calls: [
      {
        names: LOOPS.map((loop) => `${loop}.create_datagram_endpoint`),
        endpoint: { keywords: ['local_addr'], position: 1 },
        needs: { keywords: ['local_addr'], position: 1 },
        guess: { method: 'create_datagram_endpoint', imports: /\basyncio\b/ },
      },
    ],
  }),
  row({
    id: 'trio',
    title: 'Trio',
    example: 'trio.serve_tcp(handler, 9000)',
    defaultHost: '*',
    source: 'trio, src/trio/_highlevel_open_tcp_listeners.py: serve_tcp, open_tcp_listeners, host None is the wildcard of both families',
    calls: [
      { names: ['trio.serve_tcp'], host: { keywords: ['host'] }, port: { keywords: ['port'], position: 1 } },
      { names: ['trio.serve_ssl_over_tcp'], host: { keywords: ['host'] }, port: { keywords: ['port'], position: 1 } },
      {
        names: ['trio.open_tcp_listeners', 'trio.open_ssl_over_tcp_listeners'],
        host: { keywords: ['host'] },
        port: { keywords: ['port'], position: 0 },
      },
    ],
  }),
  row({
    id: 'anyio',
    title: 'AnyIO',
    example: 'anyio.create_tcp_listener(local_port=9000)',
    defaultHost: '*',
    source: 'anyio, src/anyio/_core/_sockets.py: create_tcp_listener, local_host omitted is all IPv4 and IPv6 interfaces',
    calls: [{ names: ['anyio.create_tcp_listener'], host: { keywords: ['local_host'] }, port: { keywords: ['local_port'] } }],
  }),
  row({
    id: 'rpyc',
    title: 'RPyC',
    example: 'ThreadedServer(Service, port=18861).start()',
    defaultHost: '0.0.0.0',
    source: 'rpyc, rpyc/utils/server.py: Server.__init__, hostname "" and an IPv4 socket; docs: the default is IPADDR_ANY',
    calls: [
      {
        names: ['Server', 'ThreadedServer', 'ThreadPoolServer', 'ForkingServer', 'OneShotServer', 'GeventServer'].flatMap((name) => [
          `rpyc.utils.server.${name}`,
          `rpyc.${name}`,
        ]),
        host: { keywords: ['hostname'], position: 1 },
        port: { keywords: ['port'], position: 3 },
        elsewhere: { keywords: ['socket_path'] },
        every: '0.0.0.0',
      },
    ],
  }),
  row({
    id: 'pywebio',
    title: 'PyWebIO',
    example: 'pywebio.start_server(application, port=8080)',
    defaultHost: '*',
    source: "pywebio, pywebio/platform/tornado.py: start_server(applications, port=0, host='', …), app.listen(port, address=host)",
    calls: [
      {
        names: ['pywebio.start_server', ...['tornado', 'aiohttp', 'fastapi'].map((name) => `pywebio.platform.${name}.start_server`)],
        host: { keywords: ['host'], position: 2 },
        port: { keywords: ['port'], position: 1 },
      },
    ],
  }),
  row({
    id: 'asyncssh',
    title: 'AsyncSSH',
    example: 'asyncssh.listen(port=8022)',
    defaultHost: '*',
    defaultPort: 22,
    source:
      'asyncssh.readthedocs.io/en/latest/api.html: listen, create_server, host: if not specified, listeners are created for all addresses',
    calls: [
      {
        names: ['asyncssh.listen', 'asyncssh.connection.listen'],
        host: { keywords: ['host'], position: 0 },
        port: { keywords: ['port'], position: 1 },
        elsewhere: { keywords: ['sock'] },
      },
      {
        names: ['asyncssh.create_server', 'asyncssh.connection.create_server'],
        host: { keywords: ['host'], position: 1 },
        port: { keywords: ['port'], position: 2 },
        elsewhere: { keywords: ['sock'] },
      },
    ],
  }),
  row({
    id: 'websockets',
    title: 'websockets',
    example: 'websockets.serve(handler, port=8765)',
    defaultHost: '*',
    source: 'websockets 10.4, websockets/legacy/server.py: Serve.__init__ (loop.create_server)',
    calls: [
      {
        names: [
          'websockets.serve',
          'websockets.server.serve',
          'websockets.legacy.server.serve',
          'websockets.asyncio.server.serve',
          'websockets.sync.server.serve',
        ],
        ...HOST_PORT,
        elsewhere: { keywords: ['sock', 'unix', 'path'] },
      },
    ],
  }),
  row({
    id: 'websocket-server',
    title: 'websocket-server',
    example: 'WebsocketServer(port=9001)',
    defaultHost: '127.0.0.1',
    source: 'Pithikos/python-websocket-server, websocket_server/websocket_server.py: WebsocketServer.__init__',
    calls: [
      { names: ['websocket_server.WebsocketServer'], host: { keywords: ['host'], position: 0 }, port: { keywords: ['port'], position: 1 } },
    ],
  }),
  row({
    id: 'grpc',
    title: 'gRPC',
    example: 'server.add_insecure_port("[::]:50051")',
    defaultHost: '*',
    source: 'grpc.github.io/grpc/python: Server.add_insecure_port, the address is part of the call; grpcio 1.51.1',
    calls: [
      {
        names: [
          'grpc.server().add_insecure_port',
          'grpc.server().add_secure_port',
          'grpc.aio.server().add_insecure_port',
          'grpc.aio.server().add_secure_port',
        ],
        endpoint: { keywords: ['address'], position: 0, bare: 'host' },
        guess: { method: 'add_insecure_port', imports: /\bgrpc\b/ },
      },
    ],
  }),
  row({
    id: 'grpc-secure',
    title: 'gRPC with TLS',
    example: 'server.add_secure_port("[::]:50051", credentials)',
    defaultHost: '*',
    source: 'grpc.github.io/grpc/python: Server.add_secure_port; grpcio 1.51.1',
    calls: [
      {
        names: [],
        endpoint: { keywords: ['address'], position: 0, bare: 'host' },
        guess: { method: 'add_secure_port', imports: /\bgrpc\b/ },
      },
    ],
  }),
  row({
    id: 'twisted',
    title: 'Twisted',
    example: 'reactor.listenTCP(8080, site)',
    defaultHost: '0.0.0.0',
    source: "Twisted 22.4, twisted/internet/tcp.py: Port (interface='')",
    calls: [
      {
        names: ['twisted.internet.reactor.listenTCP', 'twisted.internet.endpoints.TCP4ServerEndpoint'],
        port: { keywords: ['port'], position: 0 },
        host: { keywords: ['interface'], position: 3 },
        every: '0.0.0.0',
      },
      {
        names: ['twisted.internet.reactor.listenSSL'],
        port: { keywords: ['port'], position: 0 },
        host: { keywords: ['interface'], position: 4 },
        every: '0.0.0.0',
      },
    ],
  }),
  row({
    id: 'prometheus-client',
    title: 'prometheus_client',
    example: 'start_http_server(8000)',
    defaultHost: '0.0.0.0',
    source: "prometheus/client_python, prometheus_client/exposition.py: start_wsgi_server(port, addr='0.0.0.0')",
    calls: [
      {
        names: [
          'prometheus_client.start_http_server',
          'prometheus_client.start_wsgi_server',
          'prometheus_client.exposition.start_http_server',
        ],
        port: { keywords: ['port'], position: 0 },
        host: { keywords: ['addr'], position: 1 },
      },
    ],
  }),
  row({
    id: 'debugpy',
    title: 'debugpy',
    example: 'debugpy.listen(5678)',
    defaultHost: '127.0.0.1',
    defaultPort: 5678,
    source: 'debugpy, src/debugpy/public_api.py: listen (a port alone is on 127.0.0.1)',
    calls: [{ names: ['debugpy.listen', 'ptvsd.enable_attach'], endpoint: { keywords: ['address'], position: 0, bare: 'port' } }],
  }),
  row({
    id: 'pyzmq',
    title: 'PyZMQ',
    example: 'socket.bind("tcp://*:5555")',
    defaultHost: '*',
    source: 'zmq_tcp(7): the address is part of the endpoint, * is every interface',
    calls: [
      {
        names: ['zmq.Context().socket().bind', 'zmq.Context.instance().socket().bind', 'zmq.asyncio.Context().socket().bind'],
        endpoint: { keywords: ['addr'], position: 0, bare: 'host' },
        guess: { method: 'bind', imports: /\bzmq\b/, given: 'address' },
      },
    ],
  }),
  row({
    id: 'multiprocessing-manager',
    title: 'multiprocessing managers',
    example: 'BaseManager(address=("", 50000), authkey=key)',
    defaultHost: '0.0.0.0',
    source: 'Python 3.11, Lib/multiprocessing/managers.py, Lib/multiprocessing/connection.py: SocketListener',
    calls: [
      {
        names: ['multiprocessing.managers.BaseManager', 'multiprocessing.connection.Listener'],
        endpoint: { keywords: ['address'], position: 0 },
        needs: { keywords: ['address'], position: 0 },
        every: '0.0.0.0',
      },
    ],
  }),
  row({
    id: 'pyftpdlib',
    title: 'pyftpdlib',
    example: 'FTPServer(("127.0.0.1", 2121), handler)',
    defaultHost: '*',
    source: 'pyftpdlib, pyftpdlib/servers.py: FTPServer.__init__',
    calls: [
      {
        names: ['pyftpdlib.servers.FTPServer', 'pyftpdlib.servers.ThreadedFTPServer', 'pyftpdlib.servers.MultiprocessFTPServer'],
        endpoint: { keywords: ['address_or_socket'], position: 0 },
      },
    ],
  }),
]
