import { existsSync, realpathSync } from 'node:fs'
import { type Shown, show } from '@sallyport/core/evidence'
import { items, type Json, parseJson } from '@sallyport/core/systems'
import type { Ran } from '../../collect/run.ts'
import { Failure } from '../../failure.ts'
import type { ComposeProject, Part } from '../part.ts'
import type { Step } from '../step.ts'
import { type Inspected, readInspected } from './inspected.ts'
import type { Manager, State } from './manager.ts'
import { ask } from './programs.ts'

const BUILD_MS = 3_600_000
const START_MS = 600_000

/** Compose: the plugin of docker (`docker compose`, version 2), or the program before it (`docker-compose`). */
export const compose: Manager = {
  name: 'compose',
  title: 'compose',
  async build(parts) {
    return [await stepOf(parts, ['build', ...servicesOf(parts)], BUILD_MS)]
  },
  async start(parts) {
    return [await stepOf(parts, ['up', '--detach', ...servicesOf(parts)], START_MS)]
  },
  async stop(parts, _, all) {
    // Volumes stay in both cases: `down` takes containers and networks away.
    return [await stepOf(parts, all ? ['down'] : ['stop', ...servicesOf(parts)], START_MS)]
  },
  async states(parts) {
    const project = projectOf(parts)
    const listed = await containersOf(project)
    return new Map(
      parts.map((part): [string, State] => [
        part.name,
        'why' in listed
          ? { kind: 'unknown', why: listed.why }
          : stateOf(listed.containers.filter(({ service }) => service === serviceOf(part))),
      ]),
    )
  },
  async log(part, _, lines, follow) {
    const words = ['logs', '--no-color', '--tail', String(lines), ...(follow ? ['--follow'] : []), ...servicesOf([part])]
    return stepOf([part], words, follow ? Number.POSITIVE_INFINITY : START_MS)
  },
}

function serviceOf({ runner }: Part): string {
  return runner.kind === 'compose' ? runner.service : ''
}

function servicesOf(parts: readonly Part[]): readonly string[] {
  return parts.map(serviceOf)
}

/** Of one deployment there is one. */
function projectOf([part]: readonly Part[]): ComposeProject {
  return part?.runner.kind === 'compose' ? part.runner.project : { directory: '/', files: [] }
}

async function stepOf(parts: readonly Part[], words: readonly string[], timeoutMs: number): Promise<Step> {
  const { directory, files } = projectOf(parts)
  const all = [...(await program()), ...files.flatMap((file) => ['--file', file]), ...words]
  return { words: all, folder: directory, timeoutMs, refusal: silence }
}

let answers: Promise<Failure | undefined> | undefined

/** Where the engine does not answer, compose fails in many lines: its first generation with a stack of Python. */
function silence(): Promise<Failure | undefined> {
  answers ??= ask(['docker', 'version', '--format', '{{.Server.Version}}']).then((ran) => {
    // Without docker’s own command compose asks the engine by itself.
    if (ran.kind === 'ok' || ran.kind === 'missing') return undefined
    const said = unansweredText(ran)
    return new Failure(
      said,
      /permission denied/i.test(said)
        ? 'run it as root, or as a user of the group docker'
        : 'start it (systemctl start docker), or name another with DOCKER_HOST',
    )
  })
  return answers
}

function unansweredText(ran: Exclude<Ran, { readonly kind: 'ok' }>): string {
  return `docker does not answer: ${'stderr' in ran ? ran.stderr.trim() : ran.kind}`
}

let found: Promise<readonly string[] | undefined> | undefined

async function program(): Promise<readonly string[]> {
  found ??= (async () => {
    for (const words of [['docker', 'compose'], ['docker-compose']]) if ((await ask([...words, 'version'])).kind === 'ok') return words
    return undefined
  })()
  const words = await found
  if (words === undefined)
    throw new Failure(
      'neither docker compose nor docker-compose can be run here',
      'install one of them: apt install docker-compose, or Docker’s plugin',
    )
  return words
}

/** The project's containers, by the labels that both generations of compose give them. */
async function containersOf({
  directory,
}: ComposeProject): Promise<{ readonly containers: readonly Inspected[] } | { readonly why: Shown }> {
  const list = await ask(['docker', 'ps', '--all', '--quiet', '--no-trunc', '--filter', 'label=com.docker.compose.project.working_dir'])
  if (list.kind === 'missing') return { why: show('docker is not installed') }
  if (list.kind !== 'ok') return { why: show(unansweredText(list)) }
  const ids = list.stdout.split('\n').filter((id) => /^[0-9a-f]{12,64}$/.test(id))
  if (ids.length === 0) return { containers: [] }
  const inspected = await ask(['docker', 'inspect', '--type', 'container', ...ids])
  // One that has just gone makes the exit 1; those that are there are printed all the same.
  const text = 'stdout' in inspected ? inspected.stdout : ''
  const json: Json | undefined = parseJson(text)
  if (!Array.isArray(json)) return { why: show('docker inspect gives no list') }
  return {
    containers: items(json)
      .flatMap((item) => readInspected(item) ?? [])
      .filter((container) => isSame(container.directory, directory)),
  }
}

function isSame(one: string, other: string): boolean {
  const real = (path: string): string => (existsSync(path) ? realpathSync(path) : path)
  return real(one) === real(other)
}

/** Of several containers of one service the worst. */
export function stateOf(containers: readonly Inspected[]): State {
  const [first] = containers
  if (first === undefined) return { kind: 'never' }
  const restarts = containers.reduce((sum, container) => sum + container.restarts, 0)
  const ended = containers.find(({ status }) => status !== 'running')
  if (ended !== undefined) {
    if (ended.status === 'created' && ended.error === '')
      return { kind: 'ended', how: show(`container ${ended.name} was made and never started`), restarts }
    const memory = ended.outOfMemory ? ', killed for want of memory' : ''
    const error = ended.error === '' ? '' : `: ${ended.error}`
    return {
      kind: 'ended',
      how: show(`container ${ended.name} is ${ended.status}, exit code ${ended.exitCode}${memory}${error}`, 400),
      restarts,
    }
  }
  const worst = (['unhealthy', 'starting', 'healthy'] as const).find((status) => containers.some(({ health }) => health?.status === status))
  const health = containers.find((container) => container.health?.status === worst)?.health
  return {
    kind: 'running',
    who: `${containers.length === 1 ? 'container' : 'containers'} ${containers.map(({ name }) => name).join(', ')}`,
    places: first.places,
    restarts,
    ...(health === undefined ? {} : { health }),
  }
}
