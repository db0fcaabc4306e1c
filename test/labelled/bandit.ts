/**
 * What Bandit says of the labelled set, to compare with. Bandit reads Python only.
 *
 * B104 (hardcoded_bind_all_interfaces) is its one test which is about binding: it reports string constants that are '0.0.0.0'.
 * Each report is taken as Bandit's `open` for that file.
 *
 *     npx tsx test/labelled/bandit.ts [--strings]
 *
 * @see https://bandit.readthedocs.io/en/latest/plugins/b104_hardcoded_bind_all_interfaces.html
 */
import { execFile } from 'node:child_process'
import { join, relative, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LABELLED } from './label.ts'

/** `folder` is the project's name; `file` is relative to it, with `/`; `line` counts from 1. */
export interface BanditFinding {
  readonly folder: string
  readonly file: string
  readonly line: number
}

/**
 * `installed`: the `bandit` on PATH as it is. Debian 12's 1.6.2 on Python 3.11 never asks B104, so it finds nothing.
 * `strings`: Debian's Bandit with its visitor of strings connected again (bandit-strings.py), which is what newer releases do.
 */
export type BanditMode = 'installed' | 'strings'

interface BanditReport {
  readonly results: readonly { readonly filename: string; readonly line_number: number }[]
  readonly errors: readonly { readonly filename: string; readonly reason: string }[]
}

const PROGRAMS: Record<BanditMode, readonly [string, ...string[]]> = {
  installed: ['bandit'],
  strings: ['/usr/bin/python3', join(LABELLED, 'bandit-strings.py')],
}
const ARGUMENTS = ['--quiet', '--recursive', '--format', 'json', '--tests', 'B104', LABELLED]
const TIMEOUT_MS = 60_000
const FOUND_SOMETHING = 1

/** Runs Bandit over all labelled projects. Rejects when it is missing, fails, or could not read a file. */
export async function banditFindings(mode: BanditMode = 'installed'): Promise<BanditFinding[]> {
  const report: BanditReport = JSON.parse(await bandit(mode))
  const [unread] = report.errors
  if (unread) throw new Error(`bandit could not read ${unread.filename}: ${unread.reason}`)
  return report.results
    .flatMap(({ filename, line_number: line }) => {
      const [folder = '', ...file] = relative(LABELLED, resolve(filename)).split(sep)
      return /^\d{3}-/.test(folder) ? [{ folder, file: file.join('/'), line }] : []
    })
    .sort((a, b) => a.folder.localeCompare(b.folder) || a.file.localeCompare(b.file) || a.line - b.line)
}

function bandit(mode: BanditMode): Promise<string> {
  const [program, ...first] = PROGRAMS[mode]
  return new Promise((resolve, reject) => {
    execFile(program, [...first, ...ARGUMENTS], { timeout: TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error && error.code !== FOUND_SOMETHING) reject(new Error(`bandit: ${stderr.trim() || error.message}`))
      else resolve(stdout)
    })
  })
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const findings = await banditFindings(process.argv.includes('--strings') ? 'strings' : 'installed')
  for (const { folder, file, line } of findings) console.log(`${folder}/${file}:${line}`)
  console.log(`${findings.length} findings in ${new Set(findings.map(({ folder }) => folder)).size} folders`)
}
