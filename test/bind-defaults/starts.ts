import type { FrameworkDefault } from '@sallyport/core/systems'

/** A row of the tables, started for real with nothing said of the host. */
export interface Start {
  readonly kind: FrameworkDefault['kind']
  readonly id: string
  readonly command: readonly string[]
  /** Where the row has no default port, or the port has to be given. */
  readonly port?: number
  /** What has to be installed: a command that exits 0. Without it the start is left out, and said so. */
  readonly needs?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** A directory of the files below: a Go program, which is built to `DIRECTORY/server` first. */
  readonly build?: string
}

const node = (id: string, port: number | undefined, script: string): Start => ({
  kind: 'javascript',
  id,
  command: [process.execPath, '-e', script],
  ...(port === undefined ? {} : { port }),
})

const nest = (id: string, port: number | undefined, script: string): Start =>
  node(
    id,
    port,
    `require('reflect-metadata'); const { NestFactory } = require('@nestjs/core'); class Module {}; require('@nestjs/common').Module({})(Module); (async () => ${script})()`,
  )

const PYTHON = '/usr/bin/python3'
const needsModule = (...modules: readonly string[]): readonly string[] => [PYTHON, '-c', `import ${modules.join(', ')}`]

function python(id: string, port: number | undefined, script: string, module?: string): Start {
  return {
    kind: 'python',
    id,
    command: [PYTHON, '-c', script],
    ...(port === undefined ? {} : { port }),
    needs: needsModule(module ?? 'sys'),
  }
}

const pythonProgram = (id: string, needs: string, ...words: readonly string[]): Start => ({
  kind: 'program',
  id,
  command: [PYTHON, '-m', ...words],
  needs: needsModule(needs),
})

/** The rows of Go's standard library, in one program: it is built once. */
const standard = (id: string, port: number): Start => ({
  kind: 'go',
  id,
  command: ['./go-standard/server', id],
  port,
  needs: ['go', 'version'],
  build: 'go-standard',
})

/** A framework of a Debian package of Go source. */
const goPackage = (id: string, path: string, port?: number): Start => ({
  kind: 'go',
  id,
  command: [`./go-${id}/server`],
  ...(port === undefined ? {} : { port }),
  needs: ['sh', '-c', `go version && test -d /usr/share/gocode/src/${path}`],
  build: `go-${id}`,
})

/** Files of the working directory of every start. */
export const FILES: Readonly<Record<string, string>> = {
  'asgi.py': 'async def app(scope, receive, send): pass\n',
  'wsgi.py': 'def app(environ, start): return []\n',
  'app.py': 'from flask import Flask\napp = Flask(__name__)\n',
  'manage.py':
    'from django.conf import settings\nsettings.configure(DEBUG=True, SECRET_KEY="fixture", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"])\nurlpatterns = []\nfrom django.core.management import execute_from_command_line\nimport sys\nexecute_from_command_line(sys.argv)\n',
  'index.html': '<!doctype html>\n',
  'dist/index.html': '<!doctype html>\n',
  'public/.keep': '',
  'handler.mjs': 'export default { fetch: () => new Response() }\n',
  'gunicorn/gunicorn.conf.py': 'workers = 1\n',
  'go-standard/main.go': `package main

import (
	"crypto/tls"
	"net"
	"net/http"
	_ "net/http/pprof"
	"os"
	"time"
)

func main() {
	var err error
	switch os.Args[1] {
	case "net/http":
		err = http.ListenAndServe(":3301", http.NewServeMux())
	case "net/http:tls":
		err = httpsServer().ListenAndServeTLS("", "")
	case "net/http/pprof":
		err = http.ListenAndServe(":3303", nil)
	case "net":
		_, err = net.Listen("tcp", ":3304")
	case "net:udp":
		_, err = net.ListenPacket("udp", ":3305")
	case "crypto/tls":
		_, err = tls.Listen("tcp", ":3306", httpsServer().TLSConfig)
	}
	if err != nil {
		panic(err)
	}
	time.Sleep(time.Minute)
}
`,
  'go-standard/https.go': `package main

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net/http"
)

func httpsServer() *http.Server {
	public, private, _ := ed25519.GenerateKey(nil)
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, _ := x509.CreateCertificate(nil, template, template, public, private)
	certificate := tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
	return &http.Server{Addr: ":3302", TLSConfig: &tls.Config{Certificates: []tls.Certificate{certificate}}}
}
`,
  'go-gin/main.go': `package main

import "github.com/gin-gonic/gin"

func main() { panic(gin.New().Run()) }
`,
  'go-echo/main.go': `package main

import "github.com/labstack/echo"

func main() { panic(echo.New().Start(":3308")) }
`,
  'vite-config/vite.config.mjs': 'export default { server: { strictPort: true }, preview: { strictPort: true }, logLevel: "silent" }\n',
  'vite-config/dist/index.html': '<!doctype html>\n',
}

/** `ROOT` stands for the repository, from which the installed packages are found. */
export const STARTS: readonly Start[] = [
  node('node:http', 3101, "require('http').createServer().listen(3101)"),
  node('node:https', 3102, "require('https').createServer({}).listen(3102)"),
  node('node:http2', 3103, "require('http2').createServer().listen(3103)"),
  node('node:net', 3104, "require('net').createServer().listen(3104)"),
  node('node:tls', 3105, "require('tls').createServer({}).listen(3105)"),
  node('node:dgram', 3106, "require('dgram').createSocket('udp4').bind(3106)"),
  node('node:dgram:udp6', 3107, "require('dgram').createSocket('udp6').bind(3107)"),
  node('express', 3108, "require('express')().listen(3108)"),
  node('fastify', 3109, "require('fastify')().listen({ port: 3109 })"),
  node('koa', 3110, "import('koa').then(({ default: Koa }) => new Koa().listen(3110))"),
  node('hono', undefined, "require('@hono/node-server').serve({ fetch: () => new Response() })"),
  node('ws', 3112, "new (require('ws').WebSocketServer)({ port: 3112 })"),
  node('socket.io', 3113, "new (require('socket.io').Server)(3113)"),
  node('srvx', undefined, "import('srvx').then(({ serve }) => serve({ fetch: () => new Response(), silent: true }))"),
  node('h3', 3114, "import('h3').then(({ H3, serve }) => serve(new H3(), { port: 3114 }))"),
  node('peer', undefined, "require('peer').PeerServer()"),
  // The address is always given; one without a port.
  node(
    'grpc',
    undefined,
    "const { Server, ServerCredentials } = require('@grpc/grpc-js'); new Server().bindAsync('::', ServerCredentials.createInsecure(), () => {})",
  ),
  nest('nest', 3116, '(await NestFactory.create(Module, { logger: false })).listen(3116)'),
  nest(
    'nest:fastify',
    3117,
    "(await NestFactory.create(Module, new (require('@nestjs/platform-fastify').FastifyAdapter)(), { logger: false })).listen(3117)",
  ),
  nest('nest:microservice', undefined, '(await NestFactory.createMicroservice(Module, { logger: false })).listen()'),
  { kind: 'javascript', id: 'bun', command: ['bun', '-e', 'Bun.serve({ fetch: () => new Response() })'], needs: ['bun', '--version'] },
  {
    kind: 'javascript',
    id: 'deno',
    command: ['deno', 'eval', 'Deno.serve(() => new Response())'],
    needs: ['deno', '--version'],
  },
  node(
    'vite',
    undefined,
    "import('vite').then(async ({ createServer }) => (await createServer({ configFile: false, root: DIRECTORY, logLevel: 'silent' })).listen())",
  ),
  node(
    'vite-preview',
    undefined,
    "import('vite').then(({ preview }) => preview({ configFile: false, root: DIRECTORY, logLevel: 'silent' }))",
  ),
  {
    kind: 'javascript',
    id: '@sallyport/guard',
    command: [
      process.execPath,
      '--conditions=source',
      '--import',
      'tsx',
      '-e',
      "import('@sallyport/guard').then(({ listen }) => listen(require('http').createServer()))",
    ],
  },
  python('http.server', 3201, 'from http.server import *; HTTPServer(("", 3201), BaseHTTPRequestHandler).serve_forever()'),
  python('socketserver', 3202, 'from socketserver import *; TCPServer(("", 3202), BaseRequestHandler).serve_forever()'),
  python('socketserver-udp', 3203, 'from socketserver import *; UDPServer(("", 3203), BaseRequestHandler).serve_forever()'),
  python('socket', 3204, 'import socket, time; s = socket.socket(); s.bind(("", 3204)); s.listen(); time.sleep(60)'),
  python(
    'asyncio',
    3205,
    'import asyncio\nasync def main():\n  await (await asyncio.start_server(print, port=3205)).serve_forever()\nasyncio.run(main())',
  ),
  python('uvicorn', undefined, 'import asgi, uvicorn; uvicorn.run(asgi.app)', 'uvicorn'),
  python('flask', undefined, 'from flask import Flask; Flask("app").run()', 'flask'),
  python(
    'werkzeug',
    3208,
    'import wsgi; from werkzeug.serving import make_server; make_server("localhost", 3208, wsgi.app).serve_forever()',
    'werkzeug',
  ),
  python('aiohttp', undefined, 'from aiohttp import web; web.run_app(web.Application())', 'aiohttp'),
  python(
    'tornado',
    3210,
    'import asyncio, tornado.web\nasync def main():\n  tornado.web.Application([]).listen(3210)\n  await asyncio.Event().wait()\nasyncio.run(main())',
    'tornado',
  ),
  {
    kind: 'python',
    id: 'gunicorn',
    command: [PYTHON, '-m', 'gunicorn', '-c', 'gunicorn/gunicorn.conf.py', 'wsgi:app'],
    needs: needsModule('gunicorn'),
  },
  standard('net/http', 3301),
  standard('net/http:tls', 3302),
  standard('net/http/pprof', 3303),
  standard('net', 3304),
  standard('net:udp', 3305),
  standard('crypto/tls', 3306),
  goPackage('gin', 'github.com/gin-gonic/gin'),
  goPackage('echo', 'github.com/labstack/echo', 3308),
  pythonProgram('uvicorn', 'uvicorn', 'uvicorn', 'asgi:app'),
  pythonProgram('gunicorn', 'gunicorn', 'gunicorn', 'wsgi:app'),
  { ...pythonProgram('flask-run', 'flask', 'flask', 'run'), environment: { FLASK_APP: 'app.py' } },
  pythonProgram('python-http-server', 'http.server', 'http.server'),
  { kind: 'program', id: 'django-runserver', command: [PYTHON, 'manage.py', 'runserver', '--noreload'], needs: needsModule('django') },
  { kind: 'program', id: 'vite-dev', command: [process.execPath, 'ROOT/node_modules/vite/bin/vite.js', 'vite-config'] },
  { kind: 'program', id: 'vite-preview', command: [process.execPath, 'ROOT/node_modules/vite/bin/vite.js', 'preview', 'vite-config'] },
  { kind: 'program', id: 'srvx', command: [process.execPath, 'ROOT/node_modules/srvx/bin/srvx.mjs', '--prod', '--entry', 'handler.mjs'] },
  { kind: 'program', id: 'peerjs', command: [process.execPath, 'ROOT/node_modules/peer/dist/bin/peerjs.js', '-p', '3402'], port: 3402 },
  { kind: 'program', id: 'redis-server', command: ['redis-server', '--save', ''], needs: ['redis-server', '--version'] },
]
