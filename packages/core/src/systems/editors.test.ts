import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sourceTools } from '../../../cli/src/collect/source.ts'
import { FUZZ } from '../../test/fuzz.ts'
import { goldenCases } from '../../test/reader.ts'
import { type Change, type FileOrigin, Text } from '../evidence/index.ts'
import { publishedOn } from './container-run/published-on.ts'
import { Draft } from './draft.ts'
import { editorFor } from './editors.ts'
import { gitEditor, ignores } from './git/edit.ts'
import { SYSTEMS } from './index.ts'
import { literalEditor } from './literal.ts'

function draftOf(files: Readonly<Record<string, string>>): Draft {
  return new Draft((path) => {
    const text = files[path]
    return text === undefined ? { kind: 'absent' } : { kind: 'text', text }
  })
}

/** The text after a value between `«` and `»` was replaced; or why not. */
function replaced(marked: string, from: string, to: string): string {
  const start = marked.indexOf('«')
  const end = marked.indexOf('»') - 1
  const text = marked.replace('«', '').replace('»', '')
  const draft = draftOf({ a: text })
  const edited = literalEditor.edit({ change: 'value', at: new Text('a', text).origin(start, end), from, to }, draft, sourceTools)
  if (edited.kind === 'refused') return `refused: ${edited.why}`
  draft.apply(edited.edits)
  const state = draft.file('a')
  return state.kind === 'text' ? state.text : ''
}

describe('a value', () => {
  it.each([
    ["listen({ host: «'0.0.0.0'», port: 1 })", '0.0.0.0', '127.0.0.1', "listen({ host: '127.0.0.1', port: 1 })"],
    ['«HOST=0.0.0.0» # 0.0.0.0 is everybody', '0.0.0.0', '127.0.0.1', 'HOST=127.0.0.1 # 0.0.0.0 is everybody'],
    ['run «--host=0.0.0.0» --port 1', '0.0.0.0', '127.0.0.1', 'run --host=127.0.0.1 --port 1'],
    ['run «0.0.0.0:8000»', '0.0.0.0', '127.0.0.1', 'run 127.0.0.1:8000'],
    ['run «"${HOST:-0.0.0.0}:8000"»', '0.0.0.0', '127.0.0.1', 'run "${HOST:-127.0.0.1}:8000"'],
    ['«bind *:8000»', '0.0.0.0', '127.0.0.1', 'bind 127.0.0.1:8000'],
    ['«admin :2019»', '::', '::1', 'admin [::1]:2019'],
    ['run «[::]:8000»', '::', '::1', 'run [::1]:8000'],
    ['run «:8000»', '*', '127.0.0.1', 'run 127.0.0.1:8000'],
    ["run «'--bind=:$PORT'»", '*', '127.0.0.1', "run '--bind=127.0.0.1:$PORT'"],
    ['run «--host» --port 1', '*', '127.0.0.1', 'run --host 127.0.0.1 --port 1'],
    ['a = «"10.0.0.0"»', '0.0.0.0', '127.0.0.1', 'refused: 0.0.0.0 does not stand there as it is'],
    ['a = «"0.0.0.0,0.0.0.0"»', '0.0.0.0', '127.0.0.1', 'refused: 0.0.0.0 stands there 2 times'],
    ['a = «hosts[0]»', '0.0.0.0', '127.0.0.1', 'refused: 0.0.0.0 does not stand there as it is'],
    ['a = «"x"»', 'x', 'y"; z', 'refused: the new value would need quotes'],
  ])('E8 P8 · %s', (marked, from, to, after) => {
    expect(replaced(marked, from, to)).toBe(after)
  })

  it.each([
    ['origins: [«"http://a:1"», "http://b:1"]', 'http://a:1', 'origins: ["http://b:1"]'],
    ['origins: ["http://b:1", «"http://a:1"»]', 'http://a:1', 'origins: ["http://b:1"]'],
    ['«ORIGINS=http://b:1,http://a:1»\n', 'http://a:1', 'ORIGINS=http://b:1\n'],
    ['origins:\n  - http://b:1\n  - «http://a:1»\n  - http://c:1\n', 'http://a:1', 'origins:\n  - http://b:1\n  - http://c:1\n'],
    ['get("ORIGINS", «"http://a:1"»)', 'http://a:1', 'get("ORIGINS", "")'],
  ])('V3 · taken out of %s', (marked, from, after) => {
    expect(replaced(marked, from, '')).toBe(after)
  })
})

describe('a published port', () => {
  it.each([
    ['8001:8001', '127.0.0.1:8001:8001'],
    ['8001', '127.0.0.1::8001'],
    ['0.0.0.0:53:53/udp', '127.0.0.1:53:53/udp'],
    ['[::]:80:80', '127.0.0.1:80:80'],
    ['192.0.2.1:80:80', '127.0.0.1:80:80'],
    ['127.0.0.1:80:80', '127.0.0.1:80:80'],
    ['[::1]:80:80', '[::1]:80:80'],
    ['${PORT:-80}:80', '127.0.0.1:${PORT:-80}:80'],
    ['${IP:-0.0.0.0}:80:80', '${IP:-127.0.0.1}:80:80'],
    ['${IP}:80:80', undefined],
    ['${PORTS}', undefined],
  ])('M1 · %s', (written, after) => {
    expect(publishedOn(written, '127.0.0.1')).toBe(after)
  })
})

describe('.gitignore', () => {
  it('M16 · git ignores the file, whatever it is called and however the text ends; and nothing else', () => {
    const root = mkdtempSync(join(tmpdir(), 'sp-ignore-'))
    try {
      execFileSync('git', ['init', '--quiet', root])
      for (const path of ['.env', 'a [b].env', '!x.env', '#y.env', 'de ep/*.env', 'back\\slash.env', 'trailing .env '])
        for (const text of [undefined, '', 'node_modules', '*.env\n!*.env\n', '# a\r\n']) {
          const draft = draftOf(text === undefined ? {} : { '.gitignore': text })
          const edited = gitEditor.edit({ change: 'ignore', path }, draft, sourceTools)
          expect(edited.kind === 'edits' && draft.apply(edited.edits)).toBe(true)
          const after = draft.changed.get('.gitignore') ?? ''
          expect(after.startsWith(text ?? '')).toBe(true)
          expect([ignores(after, path), ignores(text ?? '', path), ignores(`${after}!*.env\n`, path)]).toEqual([true, false, false])
          writeFileSync(join(root, '.gitignore'), after)
          mkdirSync(join(root, 'de ep'), { recursive: true })
          const told = execFileSync('git', ['-C', root, 'check-ignore', '-z', '--stdin'], {
            input: `${path}\0other.env2\0`,
            encoding: 'utf8',
          })
          expect(told).toBe(`${path}\0`)
        }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  })
})

describe('hostile texts and places', () => {
  const folder = join(import.meta.dirname, '../../../../test/fix/cases')
  const texts = readdirSync(folder).flatMap((name) =>
    goldenCases(readFileSync(join(folder, name), 'utf8')).flatMap(({ files }) => [...files]),
  )

  const changes = (at: FileOrigin): readonly Change[] => [
    { change: 'value', at, from: '0.0.0.0', to: '127.0.0.1' },
    { change: 'value', at, from: '*', to: '::1' },
    { change: 'value', at, from: 'http://localhost:8000', to: '' },
    { change: 'publish', at, on: '127.0.0.1' },
    { change: 'publish', at, on: 'nowhere' },
    { change: 'variable', at, by: 'pm2', launch: 'one', name: 'HOST', value: '127.0.0.1' },
    { change: 'rename', at, from: '$Host', to: '$BindHost' },
    { change: 'argument', at, program: 'uvicorn', host: '127.0.0.1' },
    { change: 'ignore', path: at.path },
  ]

  it('C4 · no editor throws, or edits outside of its text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.array(fc.tuple(fc.nat(400), fc.nat(12), fc.string({ maxLength: 6, unit: 'grapheme' })), { maxLength: 3 }),
        fc.nat(500),
        fc.nat(80),
        async ([path, original], mutations, from, length) => {
          const text = mutations.reduce((now, [at, size, put]) => now.slice(0, at) + put + now.slice(at + size), original)
          const start = Math.min(from, text.length)
          const at = new Text(path, text).origin(start, Math.min(start + length, text.length))
          for (const change of changes(at)) {
            const draft = draftOf({ [path]: text })
            const edited = (await editorFor(change, text, SYSTEMS))?.edit(change, draft, sourceTools)
            if (edited?.kind === 'edits') expect(draft.apply(edited.edits)).toBe(true)
            else expect(edited?.why ?? 'none').not.toBe('')
          }
        },
      ),
      { numRuns: Math.min(FUZZ, 20_000) },
    )
  })
})
