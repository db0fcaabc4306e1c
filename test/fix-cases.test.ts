import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parsePolicy } from '@sallyport/core/policy'
import { afterAll, describe, expect, it } from 'vitest'
import { planRepairs } from '../packages/cli/src/change/plan.ts'
import { repairsOf } from '../packages/cli/src/change/repairs.ts'
import { fileDiffs } from '../packages/cli/src/change/show.ts'
import { lookerAt } from '../packages/cli/src/change/wanted.ts'
import { openFolder } from '../packages/cli/src/collect/folder/index.ts'
import { goldenFile } from '../packages/core/test/reader.ts'

/** Folders, and what `fix` would make of each: every offer is verified, so what is shown cures its findings and brings no other. */

const place = mkdtempSync(join(tmpdir(), 'sp-fix-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))
let made = 0
/** The compose files of the cases, with what becomes of each. */
const composed: { readonly file: string; readonly after: string }[] = []

async function fixed(files: ReadonlyMap<string, string>): Promise<string> {
  const root = join(place, String(made++))
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    // Golden files cannot have other line endings themselves.
    writeFileSync(join(root, path), text.replaceAll('␍\n', '\r\n').replaceAll('␉', '\t'))
  }
  execFileSync('git', ['init', '--quiet', root])
  const entry = files.get('sallyport.yaml')
  const parsed = entry === undefined ? undefined : parsePolicy({ files: new Map([['sallyport.yaml', entry]]), entry: 'sallyport.yaml' })
  expect(parsed?.diagnostics ?? []).toEqual([])
  const folder = await openFolder(root)
  const look = lookerAt(folder, { machine: [], policy: parsed?.policy, now: 0, environment: undefined })
  const before = await look(new Map())
  const plan = await planRepairs(repairsOf(before.report.findings), before, folder.files, look)
  for (const [path, after] of plan.offers.at(-1)?.after.changed ?? [])
    if (/compose[\w.-]*\.ya?ml$/.test(path)) composed.push({ file: join(root, path), after })
  const offers = plan.offers.flatMap(({ repair, notes, ...offer }) => [
    repair.findings.map(({ rule, service }) => [rule, service].join(' ').trim()).join(', '),
    ...fileDiffs(offer).flatMap(({ path, isNew, hunks }) =>
      hunks.flatMap(({ lines }) =>
        lines.flatMap(({ kind, text }) =>
          kind === 'same' ? [] : [`  ${isNew ? 'new ' : ''}${path} ${kind === 'gone' ? '-' : '+'} ${text}`],
        ),
      ),
    ),
    ...notes.map((note) => `  note: ${note}`),
  ])
  return [...offers, ...plan.left.map(({ finding, why }) => `left: ${finding.rule}: ${why}`)].join('\n')
}

const folder = join(import.meta.dirname, 'fix/cases')
for (const file of readdirSync(folder).toSorted()) {
  const cases = await goldenFile(join(folder, file), fixed)
  describe(file, () => {
    for (const { title, expected, actual } of cases) it(title, () => expect(actual).toBe(expected))
  })
}

/** docker-compose(1) says whether it would take a file. */
const takes = (file: string): boolean => spawnSync('docker-compose', ['-f', file, 'config', '-q']).status === 0

it('V2 · what docker-compose takes before, it takes after', (context) => {
  if (spawnSync('docker-compose', ['version']).status !== 0) {
    expect(process.env['SALLYPORT_NO_SKIP'], 'docker-compose is not installed').not.toBe('1')
    process.stdout.write('skipped: docker-compose is not installed\n')
    return context.skip('docker-compose is not installed')
  }
  // docker-compose 1 takes no `host_ip`, and fix says so.
  const taken = composed.filter(({ file, after }) => !after.includes('host_ip') && takes(file))
  expect(taken.length).toBeGreaterThanOrEqual(8)
  for (const { file, after } of taken) {
    const changed = join(dirname(file), 'changed.yml')
    writeFileSync(changed, after)
    expect(takes(changed), after).toBe(true)
    rmSync(changed)
  }
}, 120_000)
