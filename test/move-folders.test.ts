import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { audit, type AuditReport, movePort, predictedEndpoints, type ServiceRow } from '@sallyport/core/audit'
import type { Evidence } from '@sallyport/core/evidence'
import { parsePolicy } from '@sallyport/core/policy'
import { afterAll, describe, expect, it } from 'vitest'
import { openFolder } from '../packages/cli/src/collect/folder/index.ts'
import { sourceTools } from '../packages/cli/src/collect/source.ts'

/** Each deployment of test/folders, and each of its services that is on one port: moved, and read again. */
const CASES = join(import.meta.dirname, 'folders')
const NEW = 34567

/** Services whose port no file gives (a program's own default, an image's own port that is only exposed, a proxy's 80 and 443, a variable that nothing sets), or a file that is read when the program runs, or a default in a text that a script writes, or one that Go puts together with a host, so that no edit moves them. */
const NOT_GIVEN: ReadonlySet<string> = new Set([
  'c4-changed-by-builds.txt image',
  'c4-changed-by-builds.txt made',
  'c4-changed-by-builds.txt script',
  'c4-changed-by-builds.txt version',
  'c4-configured-elsewhere.txt main',
  'c4-host-network.txt cache',
  'c4-kustomize.txt agent',
  'c4-kustomize.txt postgres',
  'c4-proxy-unread.txt https',
  'c4-scripted.txt db',
  'c4-unread-scripts.txt main',
  'e2-forwarded-ports.txt start (start.sh)',
  'e2-further-servers.txt apollo',
  'e2-further-servers.txt sails',
  'e5-caddy-compose.txt http',
  'e5-caddy.txt https',
  'e5-haproxy-compose.txt api',
  'e5-haproxy-compose.txt web',
  'e5-haproxy-compose.txt ws',
  'e5-listens-in-containers.txt api',
  'e5-proxied-container.txt api',
  'e5-proxied-container.txt internal',
  'e5-proxy-home-image.txt perhaps',
  'e5-proxy-home.txt api (alternatives/docker-compose.yml)',
  'e8-scripted.txt db',
  'm1-beside-machine.txt api',
  'm1-beside-machine.txt cache',
  'm1-beside-machine.txt db',
  'm1-compose.txt notify',
  'm1-datastore.txt cache',
  'm1-exposed-command.txt same',
  'm1-exposed-command.txt says',
  'm1-exposed-command.txt web',
  'm1-host-network-store.txt cache',
  'm1-host-network-store.txt db',
  'm1-host-network-store.txt queue',
  'm1-one-program.txt shop',
  'm1-two-projects.txt db (docker-compose.deploy.yml)',
  'm1-undeclared.txt notify',
  'm12-past-proxy.txt inner',
  'm16-words.txt database (compose.example/docker-compose.example.yml)',
  'm16-words.txt database (docker-compose.dev.yml)',
  'm16-words.txt database (docker-compose.yml)',
  'p8-bun.txt index',
  'p8-docker-run-host.txt redis',
  'p8-images.txt cache',
  'p8-told-to-serve.txt ComfyUI',
  'p8-vite-preview.txt preview',
])

type Texts = ReadonlyMap<string, string>

function filesOf(name: string): Texts {
  const [head = ''] = readFileSync(join(CASES, name), 'utf8').split(/^----\n/m)
  const parts = head.split(/^=== /m).slice(1)
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]))
}

const made = mkdtempSync(join(tmpdir(), 'sp-move-'))
afterAll(() => rmSync(made, { recursive: true, force: true }))

async function lookerAt(name: string, files: Texts) {
  const folder = join(made, name)
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const open = await openFolder(folder)
  return async (instead: Texts): Promise<{ readonly evidence: readonly Evidence[]; readonly report: AuditReport }> => {
    const text = instead.get('sallyport.yaml') ?? files.get('sallyport.yaml')
    const policy =
      text === undefined ? undefined : parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' }).policy
    const evidence = await open.read(0, instead)
    return { evidence, report: audit({ evidence, policy, folder, now: 0, environment: undefined }) }
  }
}

const portsOf = (row: ServiceRow | undefined): readonly number[] => [
  ...new Set((row === undefined ? [] : predictedEndpoints(row)).flatMap(({ port }) => port ?? [])),
]

describe('V8 · a service of any deployment is moved, and nothing else is', () => {
  it.each(readdirSync(CASES).filter((name) => name.endsWith('.txt')))('%s', async (name) => {
    const files = filesOf(name)
    const look = await lookerAt(name, files)
    const { evidence, report } = await look(new Map())
    for (const row of report.rows) {
      const [from, another] = portsOf(row)
      if (from === undefined || another !== undefined) continue
      const texts = new Map([...files].filter(([, text]) => text.includes(String(from))))
      const { edits } = movePort({
        evidence,
        policy: report.policy,
        rows: report.rows,
        row,
        from,
        to: NEW,
        files: texts,
        built: new Set(),
        environment: undefined,
        otherEnvironments: new Map(),
        docs: false,
        tools: sourceTools,
      })
      const after = new Map(
        [...texts].map(([path, text]) => [
          path,
          edits
            .filter((edit) => edit.path === path)
            .toSorted((a, b) => b.start - a.start)
            .reduce((result, edit) => result.slice(0, edit.start) + edit.text + result.slice(edit.end), text),
        ]),
      )
      const then = (await look(after)).report.rows
      const isMoved = then.some((each) => each.name === row.name && portsOf(each).join() === String(NEW))
      expect({ service: `${name} ${row.name}`, isMoved }).toEqual({
        service: `${name} ${row.name}`,
        isMoved: !NOT_GIVEN.has(`${name} ${row.name}`),
      })
      if (!isMoved) continue
      for (const other of report.rows) {
        // Several programs of one script have its name.
        const now = then.filter((each) => each.name === other.name).flatMap(portsOf)
        // Of one port for two services each place is told apart, or is of both; a program's other socket may come to be the other's.
        if (other === row || now.length === 0 || portsOf(other).includes(from)) continue
        const kept = portsOf(other).filter((port) => now.includes(port))
        expect({ moved: row.name, other: other.name, kept }).toEqual({ moved: row.name, other: other.name, kept: portsOf(other) })
      }
    }
  })
})
