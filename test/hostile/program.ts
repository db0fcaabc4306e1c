import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ReportData } from '../../packages/cli/src/report/data.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
export const CLI = join(ROOT, 'packages/cli/dist/main.js')

/** nobody, nogroup: whose files are nobody's and who may do nothing (base-passwd of Debian). */
export const NOBODY = 65534
const IS_ROOT = process.getuid?.() === 0

/** How a run ended. `ms` is the time on the clock. */
export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly ms: number
}

/** The longest that a run may take, on any machine. */
export const LONGEST_MS = 30_000

/**
 * Runs a program as an ordinary user: as who runs the tests, or as nobody where that is root. Resolves when it has ended; one
 * that does not is killed after `LONGEST_MS`, with a code of null.
 */
export function runOrdinary(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Ran> {
  const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
  const [program = '', ...args] = IS_ROOT ? ['setpriv', ...ids, '--', ...argv] : argv
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      ...options,
      env: { PATH: process.env['PATH'] ?? '', HOME: options.cwd, ...options.env },
      detached: true,
    })
    const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
    child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk))
    const timer = setTimeout(() => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL'), LONGEST_MS)
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      const text = (list: readonly Buffer[]): string => Buffer.concat(list).toString('utf8')
      resolve({ code, stdout: text(chunks.stdout), stderr: text(chunks.stderr), ms: performance.now() - started })
    })
    child.stdin.end()
  })
}

export const FORMATS = ['text', 'json', 'sarif'] as const

export interface Answers {
  readonly runs: readonly (Ran & { readonly format: (typeof FORMATS)[number] })[]
  readonly report: ReportData
  /** Everything that was printed, in every format and on both streams. */
  readonly all: string
}

/** `sallyport check FOLDER --scope folder` in each format, from within the folder. */
export async function checkFolder(
  folder: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Answers> {
  const runs = await Promise.all(
    FORMATS.map(async (format) => ({
      format,
      ...(await runOrdinary([process.execPath, CLI, 'check', folder, '--scope', 'folder', '--format', format, ...args], {
        cwd: folder,
        env,
      })),
    })),
  )
  const json = runs.find(({ format }) => format === 'json')?.stdout ?? ''
  return {
    runs,
    report: JSON.parse(json === '' ? '{"notSeen":[],"findings":[],"services":[]}' : json) as ReportData,
    all: runs.map(({ stdout, stderr }) => stdout + stderr).join('\n'),
  }
}

/** A new folder for a test, and what takes it away again. */
export function temporary(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'sp-hostile-'))
  // Node's own rmSync names whole paths, which may be longer than a path can be.
  return { path, remove: () => void execFileSync('rm', ['-rf', '--', path]) }
}
