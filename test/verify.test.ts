import { spawn, spawnSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { connect, createServer as createTcpServer, type AddressInfo, type Server as TcpServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { guard } from '../packages/guard/src/index.ts'
import type { Result } from '../packages/cli/src/verify/verdict.ts'
import { CLI, folder } from './cli.ts'

const opened: TcpServer[] = []
afterEach(() => {
  for (const server of opened.splice(0)) server.close()
})

async function listening<S extends TcpServer>(server: S): Promise<{ readonly server: S; readonly url: string; readonly port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  opened.push(server)
  const { port } = server.address() as AddressInfo
  return { server, port, url: `http://127.0.0.1:${port}/` }
}

/** Without waiting for it, the servers in this process could not answer. */
function verify(...args: readonly string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [CLI, 'verify', ...args])
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

async function results(...args: readonly string[]): Promise<Record<string, Result['verdict']>> {
  const { stdout, stderr } = await verify('--format', 'json', ...args)
  if (stdout === '') throw new Error(stderr)
  const data = JSON.parse(stdout) as { results: readonly Result[] }
  return Object.fromEntries(data.results.map(({ id, verdict }) => [id, verdict]))
}

function upgrading(server: Server): Server {
  return server.on('upgrade', (_, socket) => {
    socket.on('error', () => {})
    socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
  })
}

const page = () => createServer((request, response) => response.writeHead(request.url === '/' ? 200 : 404).end('ok'))

describe('sallyport verify', () => {
  it('P11 · a guarded server passes everything, with at most forty requests, none of which changes data', async () => {
    const server = upgrading(page())
    guard({ log: false }).protect(server)
    let requests = 0
    server.prependListener('connection', () => requests++)
    const methods = new Set<string>()
    server.on('request', ({ method = '' }) => methods.add(method))
    const { url } = await listening(server)
    const { code, stdout } = await verify(url)
    expect([code, stdout]).toEqual([0, expect.stringContaining('0 failed, 0 undecided')])
    expect(stdout).toContain('pass  refuses a WebSocket of a foreign page')
    expect(requests).toBeGreaterThan(20)
    expect(requests).toBeLessThanOrEqual(40)
    expect([...methods].every((method) => ['GET', 'OPTIONS'].includes(method))).toBe(true)
  })

  it('P11 · an open one fails each check by name', async () => {
    const server = upgrading(page())
    server.prependListener('request', ({ headers: { origin } }, response) => {
      if (origin !== undefined) response.setHeader('Access-Control-Allow-Origin', origin)
    })
    const { url } = await listening(server)
    expect(await results(url)).toMatchObject({
      binding: 'pass',
      neighbours: expect.stringMatching(/pass|skipped/),
      host: 'fail',
      'proxy-headers': 'fail',
      origin: 'fail',
      preflight: 'fail',
      websocket: 'fail',
      headers: 'fail',
      http2: 'skipped',
      paths: 'pass',
    })
    expect((await verify(url)).code).toBe(1)
  })

  /** Guards of which one thing was left out; that one check has to fail, and no other. */
  it.each([
    ['host', { host: 'rebinding.example' }],
    ['proxy-headers', { name: 'forwarded' }],
    ['proxy-headers', { name: 'x_forwarded_for' }],
    ['origin', { cors: 'null' }],
  ] as const)('P11 · %s alone fails where %j is let through', async (id, hole) => {
    const inner = page()
    guard({ log: false }).protect(inner)
    const server = createServer((request, response) => {
      const holds =
        'name' in hole ? request.headers[hole.name] !== undefined : 'host' in hole && request.headers.host?.startsWith(hole.host)
      if (holds) request.rawHeaders = ['Host', `127.0.0.1:${port}`]
      if ('cors' in hole && request.headers.origin === hole.cors) {
        response.setHeader('Access-Control-Allow-Origin', 'null')
        response.end()
        return
      }
      inner.emit('request', request, response)
    })
    const { port, url } = await listening(server)
    const found = await results(url)
    expect(Object.keys(found).filter((one) => found[one] === 'fail')).toEqual([id])
  })

  it('P11 · a file from outside its folder is found, a page for every path is not', async () => {
    const server = createServer((request, response) =>
      response.end(request.url?.includes('%2e%2e/') ? 'root:x:0:0:root:/root:/bin/sh\n' : 'ok'),
    )
    expect((await results((await listening(server)).url))['paths']).toBe('fail')
    expect((await results((await listening(createServer((_, response) => response.end('ok')))).url))['paths']).toBe('pass')
  })

  it('P11 · HTTP/2 is held to the same', async () => {
    const bare = createHttp2Server((_, response) => response.end('ok'))
    const first = await listening(bare as unknown as TcpServer)
    // A server of HTTP/2 alone answers no request of HTTP/1.1.
    expect((await verify(first.url)).code).toBe(2)
    const guarded = page()
    guard({ log: false }).protect(guarded)
    const second = await listening(guarded)
    const both = await listening(relay((begin) => (begin.startsWith('PRI ') ? first.port : second.port)))
    expect((await results(both.url))['http2']).toBe('fail')
  })

  it('P11 · a protecting header that a proxy takes away is missed', async () => {
    const server = page()
    const inner = await listening(server)
    const { url, port } = await listening(
      relay(
        () => inner.port,
        (bytes) => bytes.replace('X-Frame-Options: DENY\r\n', ''),
      ),
    )
    guard({ log: false, hosts: [`127.0.0.1:${port}`], origins: [`http://127.0.0.1:${port}`] }).protect(server)
    const { stdout } = await verify(url)
    expect(stdout).toMatch(/FAIL {2}sends its protecting headers[^\n]*\n\s+200 without X-Frame-Options: DENY\n\s+403 without/)
  })

  it('P11 · a server that stops answering for a limit of its own proves nothing: exit 3', async () => {
    let asked = 0
    const { url } = await listening(createServer((_request, response) => response.writeHead(++asked > 2 ? 429 : 200).end()))
    const { code, stdout } = await verify(url)
    expect(stdout).toContain('answered 429: it limits requests')
    // It lacks the headers, too.
    expect(code).toBe(1)
    const verdicts = await results(url)
    for (const id of ['host', 'proxy-headers', 'origin', 'preflight', 'paths']) expect(verdicts[id]).toBe('unknown')
  })

  it('P11 · where even a plain request is refused, it says that it cannot tell: exit 3', async () => {
    const server = createServer((_, response) => {
      const headers = { 'X-Content-Type-Options': 'nosniff', 'X-Frame-Options': 'DENY', 'X-Localhost-Only': 'true' }
      response.writeHead(401, headers).end()
    })
    const { url } = await listening(server)
    expect((await verify(url)).code).toBe(3)
    expect((await verify(url, '--allow-unknown')).code).toBe(0)
  })

  it('P11 V7 · where the root is refused, the path is asked that the policy has for the service on that port, also behind a door', async () => {
    const server = createServer((request, response) => response.writeHead(request.url === '/health' ? 200 : 404).end('ok'))
    const { url, port } = await listening(server)
    const policy = (text: string): string =>
      join(folder({ 'sallyport.yaml': `version: 1\nname: shop\nservices:\n${text}` }), 'sallyport.yaml')
    const direct = policy(`  api: { port: ${port}, http: { health: /health } }\n`)
    const verdictOf = async (...args: readonly string[]) => (await results(...args))['host']
    expect(await verdictOf(url)).toBe('unknown')
    expect(await verdictOf(url, '--policy', direct)).toBe('fail')
    const door = `  door: { port: ${port}, from: internet, domain: shop.example.com, routes: { /: api } }\n  api: { port: 9000, http: { health: /health } }\n`
    expect(await verdictOf(url, '--policy', policy(door))).toBe('fail')
    const { stdout, stderr } = await verify(url, '--policy', direct)
    expect(stderr).toBe('note: / is answered 404, so that /health is asked, where the policy says that all is well\n')
    expect(stdout).toContain(`${url}health\n`)
    // What was named is asked, and so is what a policy of another port says nothing of.
    expect(await verdictOf(`${url}other`, '--policy', direct)).toBe('unknown')
    expect(await verdictOf(url, '--policy', policy('  api: { port: 9000, http: { health: /health } }\n'))).toBe('unknown')
    expect(await verify(url, '--policy', 'none.yaml')).toMatchObject({ code: 2, stdout: '' })
  })

  it('P11 · a server that says nothing, or no HTTP, ends in time with exit 2', async () => {
    const silent = await listening(createTcpServer(() => {}))
    expect(await verify(silent.url)).toMatchObject({ code: 2, stdout: '' })
    const other = await listening(createTcpServer((socket) => socket.on('error', () => {}).end('\x1b]0;x\x07SSH-2.0-x\r\n')))
    const { code, stderr } = await verify(other.url)
    expect(code).toBe(2)
    expect(stderr).not.toContain('\x1b')
    for (const wrong of ['localhost:8000', 'ftp://localhost/', 'http://user:secret@localhost/']) expect((await verify(wrong)).code).toBe(2)
  })

  const NAMESPACE = spawnSync('unshare', ['--net', 'ip', 'link', 'set', 'lo', 'up']).status === 0
  if (!NAMESPACE) process.stderr.write('skipped: a network namespace needs root\n')

  it.skipIf(!NAMESPACE && process.env['SALLYPORT_NO_SKIP'] !== '1')(
    'P11 · a binding beyond loopback, and a connection from another address',
    () => {
      const path = folder({ 'server.js': `require('node:http').createServer((_, r) => r.end('ok')).listen(8000, process.argv[2])` })
      const look = (host: string): Record<string, Result> => {
        const script = `ip link set lo up; ip link add d0 type veth peer name d1; ip link set d1 up; ip addr add 192.0.2.1/24 dev d0; ip link set d0 up
        "$1" "$2" "$3" & server=$!; sleep 0.5; "$1" "$4" verify --format json http://127.0.0.1:8000/; kill $server`
        const words = ['--net', 'sh', '-c', script, 'sh', process.execPath, join(path, 'server.js'), host, CLI]
        const { stdout } = spawnSync('unshare', words, { encoding: 'utf8' })
        const data = JSON.parse(stdout) as { results: readonly Result[] }
        return Object.fromEntries(data.results.map((result) => [result.id, result]))
      }
      const open = look('0.0.0.0')
      expect(open['binding']).toMatchObject({ verdict: 'fail', seen: ['bound to 0.0.0.0:8000'] })
      expect(open['neighbours']).toMatchObject({ verdict: 'fail', seen: ['192.0.2.1:8000 takes connections'] })
      const closed = look('127.0.0.1')
      expect([closed['binding']?.verdict, closed['neighbours']?.verdict]).toEqual(['pass', 'pass'])
    },
  )
})

/** Passes connections on to the port that their first bytes lead to, and what is answered back, changed. */
function relay(to: (begin: string) => number, change = (bytes: string) => bytes): TcpServer {
  return createTcpServer((socket) =>
    socket.once('data', (begin: Buffer) => {
      const peer = connect(to(begin.toString('latin1')), '127.0.0.1')
      for (const [one, other] of [
        [socket, peer],
        [peer, socket],
      ] as const)
        one.on('error', () => other.destroy()).on('close', () => other.destroy())
      peer.write(begin)
      socket.pipe(peer)
      peer.on('data', (bytes: Buffer) => socket.write(change(bytes.toString('latin1')), 'latin1')).on('end', () => socket.end())
    }),
  )
}
