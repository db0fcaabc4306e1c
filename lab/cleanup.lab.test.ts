import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { requirements } from './requirements.ts'
import { describeLab } from './testing.ts'
import { sweep, traces } from './traces.ts'

const FIXTURE = fileURLToPath(new URL('fixtures/abandon.ts', import.meta.url))

/** A process that builds a lab with Docker and a container in it, says so, and then does as `ending` tells. */
async function labProcess(ending: string): Promise<{ child: ChildProcess; pids: readonly number[] }> {
  const child = spawn(process.execPath, ['--conditions=source', '--import', 'tsx', FIXTURE, ending], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string]
  return { child, pids: JSON.parse(line) as number[] }
}

const tracesOf = (pid: number | undefined) => traces((name) => name.startsWith(`sp-${pid}-`))
const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter((line) => /sp-\d+-/.test(line))

/** Processes of this machine whose network namespace is not its own and that were not there before. */
function strangers(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/ns/net`) === readlinkSync('/proc/1/ns/net') ? [] : [pid]
      } catch {
        return []
      }
    })
}

async function until(condition: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 200 && !condition(); tries++) await new Promise((resolve) => setTimeout(resolve, 25))
  return condition()
}
