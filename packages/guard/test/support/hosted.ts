import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Refused } from '../../src/index.ts'
import type { Told } from './host.ts'

export interface Hosted {
  readonly folder: string
  /** By the number of the subject. */
  readonly ports: readonly number[]
  readonly refusals: readonly Refused[][]
  stop(): Promise<void>
}

/** Starts `host.ts` on an address of this network namespace. */
export async function host(address: string): Promise<Hosted> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-conformance-'))
  const child = fork(fileURLToPath(new URL('host.ts', import.meta.url)), [address, folder], {
    execArgv: ['--conditions=source', '--import', 'tsx'],
    env: { ...process.env, NODE_OPTIONS: '', NODE_ENV: 'development', NEXT_FOLDER: '.next-custom-server' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => (said += String(part)))
  const ports: number[] = []
  const refusals: Refused[][] = []
  await new Promise<void>((resolve, reject) => {
    child.on('message', (told: Told) => {
      if (told.kind === 'ready') resolve()
      else if (told.kind === 'refused') (refusals[told.subject] ??= []).push(told.event)
      else ports[told.subject] = told.port
    })
    child.once('exit', (code) => reject(new Error(`the servers ended with ${code}:\n${said.slice(-3000)}`)))
  })
  return { folder, ports, refusals, stop: () => stop(child, folder) }
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
  rmSync(folder, { recursive: true, force: true })
}
