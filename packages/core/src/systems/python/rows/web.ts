import { type PythonFramework, row } from '../row.ts'

const HOST = { keywords: ['host'] } as const
const PORT = { keywords: ['port'] } as const
const FIRST_TWO = { host: { keywords: ['host'], position: 0 }, port: { keywords: ['port'], position: 1 } } as const
const SECOND_THIRD = { host: { keywords: ['host'], position: 1 }, port: { keywords: ['port'], position: 2 } } as const
/** Those of an MCP server that listen; the other is a pipe. */
const MCP_TRANSPORTS = ['http', 'sse', 'streamable-http'] as const

/** Web frameworks and the servers that carry them. Those with a Debian version in `source` were started and their sockets read. */
export const WEB_FRAMEWORKS: readonly PythonFramework[] = [
  row({
    id: 'uvicorn',
    title: 'uvicorn',
    example: 'uvicorn.run(app)',
    defaultHost: '127.0.0.1',
    defaultPort: 8000,
    source: 'uvicorn 0.17.6, uvicorn/config.py: Config.__init__; uvicorn/server.py: Server.startup',
    calls: [
      { names: ['uvicorn.run', 'uvicorn.main.run'], host: HOST, port: PORT, elsewhere: { keywords: ['uds', 'fd'] }, none: '*' },
      {
        names: ['uvicorn.Config', 'uvicorn.config.Config'],
        ...SECOND_THIRD,
        elsewhere: { keywords: ['uds', 'fd'] },
        served: { methods: ['serve', 'run'], sockets: { keywords: ['sockets'], position: 0 } },
        none: '*',
      },
    ],
  }),
  row({
    id: 'gunicorn',
    title: 'gunicorn configuration',
    example: 'bind = "127.0.0.1:8000"',
    defaultHost: '127.0.0.1',
    defaultPort: 8000,
    source: 'gunicorn 20.1.0, gunicorn/config.py: class Bind; gunicorn/app/base.py: load_config',
    calls: [],
  }),
  row({
    id: 'hypercorn',
    title: 'hypercorn',
    example: 'serve(app, Config())',
    defaultHost: '127.0.0.1',
    defaultPort: 8000,
    source: 'hypercorn 0.13.2, hypercorn/config.py: Config._bind',
    calls: [
      {
        names: ['hypercorn.asyncio.serve', 'hypercorn.trio.serve', 'hypercorn.run.run'],
        attribute: { of: { keywords: ['config'], position: 1 }, name: 'bind' },
        every: '0.0.0.0',
      },
    ],
  }),
  row({
    id: 'flask',
    title: 'Flask',
    example: 'app.run()',
    defaultHost: '127.0.0.1',
    defaultPort: 5000,
    source: 'Flask 2.2.2, flask/app.py: Flask.run',
    calls: [
      {
        names: ['flask.Flask().run', 'flask.app.Flask().run', 'flask_openapi3.OpenAPI().run', 'apiflask.APIFlask().run'],
        ...FIRST_TWO,
        every: '127.0.0.1',
        serverName: 'both',
        guess: { method: 'run', imports: /\bflask\b/i, given: 'named' },
      },
    ],
  }),
  row({
    id: 'connexion',
    title: 'Connexion',
    example: 'app.run()',
    defaultHost: '127.0.0.1',
    defaultPort: 8000,
    source: 'connexion 3.1.0, connexion/apps/abstract.py: AbstractApp.run (uvicorn.run); 2.14.2, connexion/apps/flask_app.py: FlaskApp.run',
    calls: [
      {
        names: ['App', 'FlaskApp', 'AsyncApp', 'AioHttpApp'].map((name) => `connexion.${name}().run`),
        host: { keywords: ['host'], position: 3 },
        port: { keywords: ['port'], position: 0 },
        object: {},
      },
    ],
    earlier: { package: 'connexion', versions: [{ below: '3', defaultHost: '0.0.0.0', defaultPort: 5000 }] },
  }),
  row({
    id: 'flask-socketio',
    title: 'Flask-SocketIO',
    example: 'socketio.run(app)',
    defaultHost: '127.0.0.1',
    defaultPort: 5000,
    source: 'Flask-SocketIO, src/flask_socketio/__init__.py: SocketIO.run',
    calls: [{ names: ['flask_socketio.SocketIO().run'], ...SECOND_THIRD, serverName: 'port' }],
  }),
  row({
    id: 'quart',
    title: 'Quart',
    example: 'app.run()',
    defaultHost: '127.0.0.1',
    defaultPort: 5000,
    source: 'quart, src/quart/app.py: Quart.run, Quart.run_task',
    calls: [
      {
        names: ['quart.Quart().run', 'quart.Quart().run_task'],
        ...FIRST_TWO,
        every: '0.0.0.0',
        serverName: 'both',
        guess: { method: 'run', imports: /\bquart\b/, given: 'named' },
      },
    ],
  }),
  row({
    id: 'dash',
    title: 'Dash',
    example: 'app.run()',
    defaultHost: '127.0.0.1',
    defaultPort: 8050,
    source: 'plotly/dash, dash/dash.py: Dash.run (HOST, PORT)',
    calls: [
      {
        names: ['dash.Dash().run', 'dash.Dash().run_server'],
        host: HOST,
        port: PORT,
        every: '127.0.0.1',
        guess: { method: 'run_server', imports: /\bdash\b/ },
      },
    ],
    hostVariable: 'HOST',
    portVariable: 'PORT',
  }),
  row({
    id: 'werkzeug',
    title: 'Werkzeug run_simple',
    example: 'run_simple("localhost", 5000, app)',
    defaultHost: 'localhost',
    source: 'Werkzeug 2.2.2, werkzeug/serving.py: run_simple, make_server',
    calls: [
      {
        names: ['werkzeug.serving.run_simple', 'werkzeug.run_simple'],
        host: { keywords: ['hostname'], position: 0 },
        port: { keywords: ['port'], position: 1 },
      },
      { names: ['werkzeug.serving.make_server'], ...FIRST_TWO },
    ],
  }),
  row({
    id: 'aiohttp',
    title: 'aiohttp',
    example: 'web.run_app(app)',
    defaultHost: '*',
    defaultPort: 8080,
    source: 'aiohttp 3.8.4, aiohttp/web.py: run_app; aiohttp/web_runner.py: TCPSite',
    calls: [
      { names: ['aiohttp.web.run_app'], host: HOST, port: PORT, elsewhere: { keywords: ['path', 'sock'] } },
      { names: ['aiohttp.web.TCPSite', 'aiohttp.web_runner.TCPSite'], ...SECOND_THIRD, beside: true },
    ],
  }),
  row({
    id: 'tornado',
    title: 'Tornado',
    example: 'app.listen(8888)',
    defaultHost: '*',
    source: 'Tornado 6.2, tornado/tcpserver.py: TCPServer.listen, bind; tornado/netutil.py: bind_sockets',
    calls: [
      {
        names: [
          'tornado.web.Application().listen',
          'tornado.httpserver.HTTPServer().listen',
          'tornado.httpserver.HTTPServer().bind',
          'tornado.tcpserver.TCPServer().listen',
          'tornado.tcpserver.TCPServer().bind',
          'tornado.netutil.bind_sockets',
        ],
        port: { keywords: ['port'], position: 0 },
        host: { keywords: ['address'], position: 1 },
        guess: { method: 'listen', imports: /\btornado\b/, given: 'server' },
      },
    ],
  }),
  row({
    id: 'sanic',
    title: 'Sanic',
    example: 'app.run()',
    defaultHost: '127.0.0.1',
    defaultPort: 8000,
    source: 'sanic, sanic/mixins/startup.py: run, prepare, get_address',
    calls: [
      {
        // `sanic.worker.loader.AppLoader` gives the application that its factory makes.
        names: [
          ...['run', 'prepare', 'create_server'].flatMap((method) =>
            ['sanic.Sanic()', 'sanic.app.Sanic()', 'sanic.Sanic.get_app()', 'sanic.worker.loader.AppLoader().load()'].map(
              (object) => `${object}.${method}`,
            ),
          ),
        ],
        ...FIRST_TWO,
        elsewhere: { keywords: ['sock', 'unix'] },
        every: '127.0.0.1',
        guess: { method: 'run', imports: /\bsanic\b/, given: 'named' },
      },
    ],
  }),
  row({
    id: 'bottle',
    title: 'Bottle',
    example: 'run(app)',
    defaultHost: '127.0.0.1',
    defaultPort: 8080,
    source: 'bottle 0.12.23, bottle.py: run, ServerAdapter',
    calls: [
      { names: ['bottle.run'], host: { keywords: ['host'], position: 2 }, port: { keywords: ['port'], position: 3 } },
      {
        names: ['bottle.Bottle().run', 'bottle.default_app().run', 'bottle.app().run'],
        host: HOST,
        port: PORT,
        guess: { method: 'run', imports: /\bbottle\b/, given: 'named' },
      },
    ],
  }),
  row({
    id: 'waitress',
    title: 'waitress',
    example: 'serve(app)',
    defaultHost: '0.0.0.0',
    defaultPort: 8080,
    source: 'waitress 2.1.2, waitress/adjustments.py: host, port, listen',
    calls: [
      {
        names: ['waitress.serve', 'waitress.server.create_server', 'waitress.create_server'],
        host: HOST,
        port: PORT,
        endpoint: { keywords: ['listen'], bare: 'host' },
        elsewhere: { keywords: ['unix_socket', 'sockets'] },
      },
    ],
  }),
  row({
    id: 'cherrypy',
    title: 'CherryPy',
    example: 'cherrypy.quickstart(Root())',
    defaultHost: '127.0.0.1',
    defaultPort: 8080,
    source: 'CherryPy, cherrypy/_cpserver.py: Server._socket_host, socket_port',
    calls: [],
  }),
  row({
    id: 'cheroot',
    title: 'Cheroot',
    example: 'wsgi.Server(("127.0.0.1", 8070), app)',
    defaultHost: '*',
    source: 'cheroot, cheroot/server.py: HTTPServer.__init__, bind',
    calls: [{ names: ['cheroot.wsgi.Server', 'cheroot.server.HTTPServer'], endpoint: { keywords: ['bind_addr'], position: 0 } }],
  }),
  row({
    id: 'gevent',
    title: 'gevent',
    example: 'WSGIServer(("127.0.0.1", 8000), app)',
    defaultHost: '*',
    source: 'gevent 22.10.2, src/gevent/baseserver.py: parse_address',
    calls: [
      {
        names: [
          'gevent.pywsgi.WSGIServer',
          'gevent.server.StreamServer',
          'gevent.server.DatagramServer',
          'geventwebsocket.WebSocketServer',
        ],
        endpoint: { keywords: ['listener'], position: 0, bare: 'port' },
      },
    ],
  }),
  row({
    id: 'eventlet',
    title: 'eventlet',
    example: 'eventlet.listen(("127.0.0.1", 8000))',
    defaultHost: '0.0.0.0',
    source: 'eventlet, eventlet/convenience.py: listen',
    calls: [{ names: ['eventlet.listen', 'eventlet.convenience.listen'], endpoint: { keywords: ['addr'], position: 0 }, every: '0.0.0.0' }],
  }),
  row({
    id: 'gradio',
    title: 'Gradio',
    example: 'demo.launch()',
    defaultHost: '127.0.0.1',
    defaultPort: 7860,
    source: 'gradio, gradio/blocks.py: Blocks.launch (GRADIO_SERVER_NAME, GRADIO_SERVER_PORT); gradio/networking.py',
    calls: [
      {
        names: [
          'gradio.Interface().launch',
          'gradio.Blocks().launch',
          'gradio.ChatInterface().launch',
          'gradio.TabbedInterface().launch',
          'gradio.Interface().queue().launch',
          'gradio.Blocks().queue().launch',
          'gradio.ChatInterface().queue().launch',
        ],
        host: { keywords: ['server_name'] },
        port: { keywords: ['server_port'] },
        every: '127.0.0.1',
        guess: { method: 'launch', imports: /\bgradio\b/ },
      },
    ],
    hostVariable: 'GRADIO_SERVER_NAME',
    portVariable: 'GRADIO_SERVER_PORT',
  }),
  row({
    id: 'nicegui',
    title: 'NiceGUI',
    example: 'ui.run()',
    defaultHost: '0.0.0.0',
    defaultPort: 8080,
    source: 'nicegui.io/documentation/run: host (0.0.0.0, or 127.0.0.1 in native mode), port',
    calls: [{ names: ['nicegui.ui.run'], host: HOST, port: PORT }],
  }),
  row({
    id: 'fastmcp',
    title: 'FastMCP',
    example: 'mcp.run(transport="http", port=8000)',
    defaultHost: '127.0.0.1',
    defaultPort: 8000,
    source:
      'fastmcp 4.0.10, fastmcp/settings.py: host, port; fastmcp/server/mixins/transport.py: run_http_async; 2.1.2, settings.py: host "0.0.0.0"; 2.8.0: FASTMCP_SERVER_ became FASTMCP_',
    calls: [
      {
        names: ['fastmcp.FastMCP().run', 'fastmcp.FastMCP().run_async'],
        host: HOST,
        port: PORT,
        needs: { keywords: ['host', 'port'] },
        where: { slot: { keywords: ['transport'], position: 0 }, is: MCP_TRANSPORTS },
        object: { settings: 'settings' },
      },
      {
        names: ['fastmcp.FastMCP().run_http_async', 'fastmcp.FastMCP().run_sse_async', 'fastmcp.FastMCP().run_streamable_http_async'],
        host: HOST,
        port: PORT,
        object: { settings: 'settings' },
      },
    ],
    hostVariable: 'FASTMCP_HOST',
    portVariable: 'FASTMCP_PORT',
    earlier: {
      package: 'fastmcp',
      versions: [
        { below: '2.2.0', defaultHost: '0.0.0.0', hostVariable: 'FASTMCP_SERVER_HOST', portVariable: 'FASTMCP_SERVER_PORT' },
        { below: '2.8.0', defaultHost: '127.0.0.1', hostVariable: 'FASTMCP_SERVER_HOST', portVariable: 'FASTMCP_SERVER_PORT' },
      ],
    },
  }),
  row({
    id: 'mcp',
    title: 'MCP SDK',
    example: 'mcp.run(transport="streamable-http")',
    defaultHost: '127.0.0.1',
    defaultPort: 8000,
    source:
      'mcp 2.3.0, mcp/server/mcpserver/server.py: run_sse_async, run_streamable_http_async; 1.28.1, mcp/server/fastmcp/server.py: FastMCP.__init__; 1.9.0: host "0.0.0.0"; 1.12.2 and before: FASTMCP_HOST',
    calls: [
      {
        names: ['mcp.server.fastmcp.FastMCP().run', 'mcp.server.FastMCP().run', 'mcp.server.fastmcp.server.FastMCP().run'],
        where: { slot: { keywords: ['transport'], position: 0 }, is: MCP_TRANSPORTS },
        object: { settings: 'settings' },
      },
      {
        names: [
          'mcp.server.fastmcp.FastMCP().run_sse_async',
          'mcp.server.fastmcp.FastMCP().run_streamable_http_async',
          'mcp.server.FastMCP().run_sse_async',
          'mcp.server.FastMCP().run_streamable_http_async',
        ],
        object: { settings: 'settings' },
      },
      {
        names: ['mcp.server.MCPServer().run', 'mcp.server.mcpserver.MCPServer().run'],
        host: HOST,
        port: PORT,
        where: { slot: { keywords: ['transport'], position: 0 }, is: MCP_TRANSPORTS },
      },
      {
        names: [
          'mcp.server.MCPServer().run_sse_async',
          'mcp.server.MCPServer().run_streamable_http_async',
          'mcp.server.mcpserver.MCPServer().run_sse_async',
          'mcp.server.mcpserver.MCPServer().run_streamable_http_async',
        ],
        host: HOST,
        port: PORT,
      },
    ],
    earlier: {
      package: 'mcp',
      versions: [
        { below: '1.9.1', defaultHost: '0.0.0.0', hostVariable: 'FASTMCP_HOST', portVariable: 'FASTMCP_PORT' },
        { below: '1.12.3', defaultHost: '127.0.0.1', hostVariable: 'FASTMCP_HOST', portVariable: 'FASTMCP_PORT' },
      ],
    },
  }),
]
