import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { type Json, items, parseJson, readContainer, readNetwork, textField } from '@sallyport/core/systems'
import type { Observer } from './observer.ts'
import { namespaceOf } from './proc.ts'

/** Where engines that speak Docker's API listen. */
const SOCKETS: readonly { readonly path: string; readonly engine: string }[] = [
  { path: '/var/run/docker.sock', engine: 'docker' },
  { path: '/run/podman/podman.sock', engine: 'podman' },
]

/** The oldest API that has all the fields read here; Docker 20.10 and every later one still answers it (up to 28; 29 asks for 1.44 and says so). */
const API_VERSIONS = ['v1.41', 'v1.44'] as const
const TIMEOUT_MS = 15_000
const MAX_BYTES = 32 * 1024 * 1024

type Answer =
  | { readonly kind: 'ok'; readonly json: Json | undefined }
  | { readonly kind: 'failed'; readonly why: string; readonly denied: boolean }

function get(socketPath: string, path: string): Promise<Answer> {
  return new Promise((resolve) => {
    const fail = (why: string, denied = false): void => resolve({ kind: 'failed', why, denied })
    const call = request({ socketPath, path, headers: { host: 'localhost' }, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_BYTES) call.destroy(new Error('the answer was too large'))
        else chunks.push(chunk)
      })
      response.on('end', () => {
        if (response.statusCode !== 200) fail(`HTTP ${response.statusCode}`)
        else resolve({ kind: 'ok', json: parseJson(Buffer.concat(chunks).toString('utf8')) })
      })
    })
    call.on('timeout', () => call.destroy(new Error('no answer in time')))
    call.on('error', (error: NodeJS.ErrnoException) => fail(error.message, error.code === 'EACCES'))
    call.end()
  })
}

/** Containers, networks and published ports of every engine on this machine, through its socket. */
export async function collectDocker(observer: Observer, environment: NodeJS.ProcessEnv): Promise<void> {
  const named = /^unix:\/\/(.+)$/.exec(environment['DOCKER_HOST'] ?? '')?.[1]
  const sockets = named === undefined ? SOCKETS : [{ path: named, engine: 'docker' }]
  await Promise.all(sockets.filter(({ path }) => existsSync(path)).map((socket) => collectEngine(observer, socket.path, socket.engine)))
}

async function collectEngine(observer: Observer, socket: string, engine: string): Promise<void> {
  const origin = (call: string, subject?: string) =>
    ({ kind: 'api', call: `${engine} ${call}`, ...(subject === undefined ? {} : { subject }) }) as const
  let version: string = API_VERSIONS[0]
  let list = await get(socket, `/${version}/containers/json?all=1`)
  if (list.kind === 'failed' && list.why === 'HTTP 400') {
    version = API_VERSIONS[1]
    list = await get(socket, `/${version}/containers/json?all=1`)
  }
  if (list.kind === 'failed') {
    // A socket file that nobody listens on is an engine that is not running: nothing is hidden by it.
    if (list.why.includes('ECONNREFUSED')) return
    observer.miss(
      {
        code: list.denied ? 'denied' : 'not-understood',
        what: `the containers of the ${engine} engine at ${socket} (${list.why})`,
        remedy: list.denied ? 'run as root, or as a user who may use the engine' : 'look at the engine with `docker ps`',
        affects: { kind: 'containers' },
      },
      origin('GET /containers/json'),
    )
    return
  }
  const ids = items(list.json).flatMap((item) => textField(item, 'Id') ?? [])
  const [networks, ...containers] = await Promise.all([
    get(socket, `/${version}/networks`),
    ...ids.map((id) => get(socket, `/${version}/containers/${id}/json`)),
  ])
  if (networks?.kind === 'ok')
    for (const item of items(networks.json)) {
      const network = readNetwork(item, engine)
      if (network !== undefined) observer.see(network, origin('GET /networks', network.name))
    }
  for (const answer of containers) {
    const container = answer.kind === 'ok' ? readContainer(answer.json, engine) : undefined
    if (container === undefined) continue
    const namespace = container.pid === undefined ? undefined : namespaceOf(container.pid)
    observer.see({ ...container, ...(namespace === undefined ? {} : { namespace }) }, origin('GET /containers/ID/json', container.name))
  }
}
