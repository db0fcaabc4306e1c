import { existsSync, readdirSync } from 'node:fs'
import type { Agent, request } from 'node:http'
import { type NamespaceId, printable, show } from '@sallyport/core/evidence'
import { items, type Json, parseJson, readContainer, readNetwork, textField } from '@sallyport/core/systems'
import type { Observer } from './observer.ts'
import { namespaceOf, readProc } from './proc.ts'

interface Engine {
  readonly path: string
  readonly engine: string
  /** Of a user's own engine the user: what it says of processes of others is not believed. */
  readonly uid?: number
}

/** Where engines that speak Docker's API listen. */
const SOCKETS: readonly Engine[] = [
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

/** So many questions at a time. */
const MOST_AT_ONCE = 16

/** One answer of an engine; always one, however the other side behaves. */
function get(ask: typeof request, agent: Agent, socketPath: string, path: string): Promise<Answer> {
  return new Promise((resolve) => {
    const end = (answer: Answer): void => {
      clearTimeout(timer)
      resolve(answer)
    }
    const fail = (why: string, denied = false): void => end({ kind: 'failed', why, denied })
    const call = ask({ agent, socketPath, path, headers: { host: 'localhost' } }, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        chunks.push(chunk)
        if (bytes <= MAX_BYTES) return
        fail('the answer was too large')
        call.destroy()
      })
      response.on('end', () => {
        if (response.statusCode !== 200) fail(`HTTP ${response.statusCode}`)
        else end({ kind: 'ok', json: parseJson(Buffer.concat(chunks).toString('utf8')) })
      })
      response.on('close', () => fail('the answer broke off'))
      response.on('error', (error) => fail(error.message))
    })
    // Of the whole answer: one that comes byte by byte is never idle.
    const timer = setTimeout(() => {
      fail('no answer in time')
      call.destroy()
    }, TIMEOUT_MS)
    call.on('error', (error: NodeJS.ErrnoException) => fail(error.message, error.code === 'EACCES'))
    call.end()
  })
}

/** Containers, networks and published ports of every engine on this machine, through its socket. */
export async function collectDocker(observer: Observer, environment: NodeJS.ProcessEnv): Promise<void> {
  const named = /^unix:\/\/(.+)$/.exec(environment['DOCKER_HOST'] ?? '')?.[1]
  const sockets = named === undefined ? [...SOCKETS, ...usersEngines()] : [{ path: named, engine: 'docker' }]
  await Promise.all(sockets.filter(({ path }) => existsSync(path)).map((engine) => collectEngine(observer, engine)))
}

/** Podman of users, by the folders that pam_systemd(8) makes for them. */
function usersEngines(): readonly Engine[] {
  try {
    return readdirSync('/run/user')
      .filter((name) => /^[1-9]\d{0,9}$/.test(name))
      .map((name) => ({ path: `/run/user/${name}/podman/podman.sock`, engine: 'podman', uid: Number(name) }))
  } catch {
    return []
  }
}

async function collectEngine(observer: Observer, engine: Engine): Promise<void> {
  // Most machines have no engine, and the module is a large one.
  const http = await import('node:http')
  const agent = new http.Agent({ keepAlive: true, maxSockets: MOST_AT_ONCE })
  try {
    await askEngine(observer, (path) => get(http.request, agent, engine.path, path), engine)
  } finally {
    agent.destroy()
  }
}

async function askEngine(observer: Observer, ask: (path: string) => Promise<Answer>, { path: socket, engine, uid }: Engine): Promise<void> {
  const origin = (call: string, subject?: string) =>
    ({ kind: 'api', call: `${engine} ${call}`, ...(subject === undefined ? {} : { subject }) }) as const
  let version: string = API_VERSIONS[0]
  let list = await ask(`/${version}/containers/json?all=1`)
  if (list.kind === 'failed' && list.why === 'HTTP 400') {
    version = API_VERSIONS[1]
    list = await ask(`/${version}/containers/json?all=1`)
  }
  // A socket file that nobody listens on is an engine that is not running: nothing is hidden by it.
  if (list.kind === 'failed' && list.why.includes('ECONNREFUSED')) return
  if (list.kind === 'failed' || !Array.isArray(list.json)) {
    const denied = list.kind === 'failed' && list.denied
    observer.miss(
      {
        code: denied ? 'denied' : 'not-understood',
        what: `the containers of the ${engine} engine at ${printable(socket)} (${list.kind === 'failed' ? show(list.why) : 'an answer that is no list'})`,
        remedy: denied ? 'run as root, or as a user who may use the engine' : `look at the engine with \`${engine} ps\``,
        affects: { kind: 'containers' },
      },
      origin('GET /containers/json'),
    )
    return
  }
  const ids = items(list.json).flatMap((item) => textField(item, 'Id')?.match(/^[\w.-]{1,128}$/)?.[0] ?? [])
  const [networks, ...containers] = await Promise.all([
    ask(`/${version}/networks`),
    ...ids.map((id) => ask(`/${version}/containers/${id}/json`)),
  ])
  for (const item of networks?.kind === 'ok' ? items(networks.json) : []) {
    const network = readNetwork(item, engine)
    if (network !== undefined) observer.see(network, origin('GET /networks', network.name))
  }
  let unread = items(list.json).length - ids.length
  for (const answer of containers) {
    const container = answer.kind === 'ok' ? readContainer(answer.json, engine) : undefined
    if (container !== undefined) {
      const { pid, ...rest } = container
      const known = pid === undefined || (uid !== undefined && !isMappedFor(pid, uid)) ? {} : processOf(pid)
      observer.see({ ...rest, ...known }, origin('GET /containers/ID/json', container.name))
    } else if (answer.kind === 'ok' || answer.why !== REMOVED) unread++
  }
  const networksUnread = networks?.kind !== 'ok' || !Array.isArray(networks.json)
  if (unread > 0 || networksUnread)
    observer.miss(
      {
        code: 'not-understood',
        what: `${unread > 0 ? `${unread} containers` : 'the networks'} of the ${engine} engine at ${printable(socket)}`,
        remedy: `look at the engine with \`${engine} ps\``,
        affects: { kind: 'containers' },
      },
      origin(unread > 0 ? 'GET /containers/ID/json' : 'GET /networks'),
    )
}

function processOf(pid: number): { readonly pid: number; readonly namespace?: NamespaceId } {
  const namespace = namespaceOf(pid)
  return { pid, ...(namespace === undefined ? {} : { namespace }) }
}

/** Whether the process is in a user namespace of that user (user_namespaces(7)), as those of rootless containers are. */
function isMappedFor(pid: number, uid: number): boolean {
  const lines = (readProc(`/proc/${pid}/uid_map`) ?? '').trim().split('\n')
  return lines.some((line) => line.trim().split(/\s+/)[1] === String(uid))
}

/** It has gone since it was listed. */
const REMOVED = 'HTTP 404'
