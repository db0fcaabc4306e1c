import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { audit, type AuditReport, predictedEndpoints } from '@sallyport/core/audit'
import { parsePolicy } from '@sallyport/core/policy'
import { describe, expect, it } from 'vitest'
import { collectFolder } from '../packages/cli/src/collect/folder/index.ts'

/**
 * Whole deployments in one file: the title, `=== path` before each file, `----`, then what check says of the folder: a line a finding
 * (`severity rule service place`), and the score. `!git` in the title line makes the folder a git repository with every file but those of
 * .gitignore committed; `!sockets` tells first what a normal start will listen on, `!fixes` below each finding what to do,
 * `!places` all its places.
 */
const CASES = fileURLToPath(new URL('folders', import.meta.url))

const names = readdirSync(CASES).filter((name) => name.endsWith('.txt'))

describe('folders', () => {
  it('there are cases', () => {
    expect(names.length).toBeGreaterThan(10)
  })

  for (const name of names) {
    const [head = '', expected = ''] = readFileSync(join(CASES, name), 'utf8').split(/^----\n/m)
    const title = head.slice(2, head.indexOf('\n'))
    it(title.replace(/ !\w+/g, ''), async () => {
      const folder = mkdtempSync(join(tmpdir(), 'sp-folder-'))
      try {
        const files = new Map(
          head
            .split(/^=== /m)
            .slice(1)
            .map((part): [string, string] => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]),
        )
        for (const [path, text] of files) {
          mkdirSync(dirname(join(folder, path)), { recursive: true })
          writeFileSync(join(folder, path), text)
        }
        if (title.includes('!git')) commit(folder)
        const text = files.get('sallyport.yaml')
        const parsed =
          text === undefined
            ? undefined
            : parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml', environment: environmentOf(text) })
        expect(parsed?.diagnostics.filter((item) => item.severity === 'error') ?? []).toEqual([])
        const report = audit({
          evidence: await collectFolder(folder, NOW),
          policy: parsed?.policy,
          folder,
          now: NOW,
          environment: environmentOf(text ?? ''),
        })
        expect([...(title.includes('!sockets') ? sockets(report) : []), ...said(report, title)].join('\n')).toBe(expected.trim())
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    })
  }
})

const NOW = Date.UTC(2026, 5, 1)

function environmentOf(policy: string): string | undefined {
  return /^# environment: (\w+)$/m.exec(policy)?.[1]
}

function commit(folder: string): void {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], { cwd: folder, stdio: 'ignore' })
  git('init')
  git('add', '.')
  git('commit', '-m', 'x')
}

function sockets(report: AuditReport): readonly string[] {
  return report.rows.flatMap((row) =>
    predictedEndpoints(row).map(
      ({ protocol, port, exposure, cause }) => `${row.name} ${protocol} ${port ?? '?'} ${exposure} ${cause.path}:${cause.span.start.line}`,
    ),
  )
}

function said(report: AuditReport, title: string): readonly string[] {
  const findings = report.findings.flatMap((finding) => {
    const origin = finding.places[0]?.origin
    const place = origin?.kind === 'file' ? `${origin.path}:${origin.span.start.line}` : '-'
    const line = `${finding.severity} ${finding.rule} ${finding.service ?? '-'} ${place}`
    const places = finding.places.flatMap(({ role, origin: at }) =>
      at.kind === 'file' ? [`  ${at.path}:${at.span.start.line} ${role}`] : [],
    )
    return [line, ...(title.includes('!fixes') ? [`  ${finding.fix}`] : []), ...(title.includes('!places') ? places : [])]
  })
  return [
    ...findings,
    ...report.accepted.map(({ finding }) => `accepted ${finding.rule} ${finding.service ?? '-'}`),
    `score ${report.score.value}`,
  ]
}
