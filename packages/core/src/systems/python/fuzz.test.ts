import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sourceTools } from '../../../../cli/src/collect/source.ts'
import type { Evidence } from '../../evidence/index.ts'
import type { FileState, Snapshot } from '../system.ts'
import { PYTHON_FRAMEWORKS } from './frameworks.ts'
import { read } from './read.ts'
import { effort } from '../../../test/effort.ts'

const RUNS = Number(process.env['SALLYPORT_FUZZ'] ?? 2000)

function readFiles(files: Readonly<Record<string, string>>): readonly Evidence[] {
  const paths = Object.keys(files)
  const state = (path: string): FileState | undefined =>
    Object.hasOwn(files, path) ? { kind: 'text', text: files[path] ?? '' } : undefined
  const context: Snapshot['context'] = { host: 'fuzz', standing: 'configured', capturedAt: 0 }
  return read({ matched: paths, paths: new Set(paths), file: state, glob: () => [], context }, sourceTools).evidence
}

const directory = new URL('golden/', import.meta.url)
const sources = readdirSync(directory).flatMap((name) =>
  readFileSync(new URL(name, directory), 'utf8')
    .split(/^(?:###|===|----).*\n/m)
    .filter((text) => /import|bind|run/.test(text)),
)
const pieces = [...new Set(sources.flatMap((text) => text.split(/(\W)/)))].filter((piece) => piece !== '')
const noise = [
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  '"',
  "'",
  '"""',
  '\\',
  '\n',
  '\r\n',
  '\t',
  '    ',
  ':',
  '=',
  'lambda: ',
  'await ',
  '**',
  '*',
  'f"{',
  '\u0000',
  '\u2028',
  '𝒳',
  '__init__',
  'self.',
  'from . import *\n',
  'global host\n',
  'import main\n',
]

interface Edit {
  readonly at: number
  readonly cut: number
  readonly put: string
}

const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(2000),
  cut: fc.nat(40),
  put: fc.oneof(fc.constantFrom(...pieces), fc.constantFrom(...noise), fc.string({ unit: 'binary', maxLength: 6 })),
})

function mutated(text: string, edits: readonly Edit[]): string {
  return edits.reduce((before, { at, cut, put }) => {
    const start = at % (before.length + 1)
    return before.slice(0, start) + put + before.slice(start + cut)
  }, text)
}

const source = fc.tuple(fc.constantFrom(...sources), fc.array(edit, { maxLength: 12 })).map(([text, edits]) => mutated(text, edits))

describe('any source', () => {
  it('is read without throwing, with places inside the file', () => {
    const started = effort()
    fc.assert(
      fc.property(source, source, (main, config) => {
        const files = { 'main.py': main, 'config.py': config }
        for (const { origin } of readFiles(files)) {
          if (origin.kind !== 'file') throw new Error('a place in a file is wanted')
          const text = origin.path === 'main.py' ? main : config
          expect(origin.span.start.offset).toBeLessThanOrEqual(text.length)
          expect(origin.span.end.offset).toBeLessThanOrEqual(text.length)
        }
      }),
      { numRuns: RUNS },
    )
    expect((effort() - started) / RUNS).toBeLessThan(50)
  })
})

describe('hostile source', () => {
  const deep = 3000
  const cases: Readonly<Record<string, string>> = {
    'deep parentheses': `import uvicorn\nuvicorn.run("a:app", host=${'('.repeat(deep)}"0.0.0.0"${')'.repeat(deep)})\n`,
    'a long chain of names': `import uvicorn\n${Array.from({ length: deep }, (_, index) => `a${index + 1} = a${index}`).join('\n')}\nuvicorn.run("a:app", host=a${deep})\n`,
    'names in a circle': `import uvicorn\n${Array.from({ length: 50 }, (_, index) => `a${index} = a${(index + 1) % 50} or a${(index + 7) % 50}`).join('\n')}\nuvicorn.run("a:app", host=a0)\n`,
    'functions that call one another': `import uvicorn\n${Array.from({ length: 60 }, (_, index) => `def f${index}(host):\n    return f${(index + 1) % 60}(host) or f${(index + 3) % 60}(host)`).join('\n')}\nuvicorn.run("a:app", host=f0(f1(f2("x"))))\n`,
    'a wrapper that is called everywhere': `import uvicorn\ndef start(host):\n    uvicorn.run("a:app", host=host)\n${'start("127.0.0.1")\n'.repeat(deep)}`,
    'a long list': `import uvicorn\nhosts = [${'"127.0.0.1",'.repeat(50_000)}]\nuvicorn.run("a:app", host=hosts[0])\n`,
    'many conditions': `import os, uvicorn\nhost = "127.0.0.1"\n${Array.from({ length: 400 }, (_, index) => `if os.getenv("X${index}"):\n    host = "192.0.2.${index % 250}"`).join('\n')}\nuvicorn.run("a:app", host=host)\n`,
    'nested calls': `import uvicorn\nuvicorn.run("a:app", host=${'str('.repeat(deep)}"x"${')'.repeat(deep)})\n`,
    'deep attributes': `import uvicorn\nuvicorn.run("a:app", host=a${'.b'.repeat(deep)})\n`,
    'classes in a circle': `import uvicorn\n${Array.from({ length: 40 }, (_, index) => `class C${index}(C${(index + 1) % 40}, C${(index + 2) % 40}):\n    pass`).join('\n')}\nuvicorn.run("a:app", host=C0.HOST, port=C1().port)\n`,
    'an import of itself': 'import uvicorn\nfrom main import *\nfrom main import HOST\nuvicorn.run("a:app", host=HOST)\n',
    'an import with many dots': `import uvicorn\nuvicorn.run("a:app", host="0.0.0.0")\nfrom ${'.'.repeat(200_000)} x\n`,
    'a header under many conditions': `import uvicorn\ndef f(h, o):\n    o = h.headers.get("Origin"); ${'if o: pass; '.repeat(30_000)}\n    h.headers["Access-Control-Allow-Origin"] = o\nuvicorn.run("a:app", host="0.0.0.0")\n`,
    'words without an end': `import uvicorn\n${'class'.repeat(100_000)} ${'from '.repeat(100_000)}\nuvicorn.run("a:app", host="0.0.0.0")\n`,
    'one long line': `import uvicorn\nx = "${'uvicorn.run( '.repeat(20_000)}"\nuvicorn.run("a:app", host="0.0.0.0")\n`,
  }
  it.each(Object.entries(cases))('%s: ends soon, and the line that binds is still seen or said to be lost', (_, text) => {
    const started = effort()
    const evidence = readFiles({ 'main.py': text })
    expect(effort() - started).toBeLessThan(8000)
    expect(evidence.length).toBeGreaterThan(0)
    const seen = evidence.map(({ claim }) => (claim.claim === 'bind' ? claim.host.kind : claim.claim))
    expect(seen.every((one) => one !== 'absent')).toBe(true)
  })

  it('a file beyond the limit is reported', () => {
    const evidence = readFiles({ 'main.py': `import uvicorn\nuvicorn.run("a:app")\n${'x = 1\n'.repeat(200_000)}` })
    expect(evidence.map(({ claim }) => claim.claim)).toEqual(['gap'])
  })

  it('without a parser the files that may start a server are reported', () => {
    const files: Record<string, string> = { 'main.py': 'import uvicorn\nuvicorn.run("a:app")\n', 'other.py': 'x = 1\n' }
    const state = (path: string): FileState => ({ kind: 'text', text: files[path] ?? '' })
    const context: Snapshot['context'] = { host: 'fuzz', standing: 'configured', capturedAt: 0 }
    const reading = read(
      { matched: Object.keys(files), paths: new Set(Object.keys(files)), file: state, glob: () => [], context },
      { parseSource: () => undefined },
    )
    expect(reading.evidence.map(({ claim, origin }) => [claim.claim, origin.kind === 'file' ? origin.path : ''])).toEqual([
      ['gap', 'main.py'],
    ])
  })

  it('C5 · a secret beside the host is in no value, reason or line', () => {
    const canary = 'sk-canary0123456789abcdefABCDEF'
    const evidence = readFiles({
      'main.py': `import os, uvicorn\nTOKEN = "${canary}"\nuvicorn.run("a:app", host=os.getenv("HOST", "127.0.0.1"), api_key="${canary}"); x = "${canary}"\nuvicorn.run("b:app", host=connect(TOKEN))\n`,
    })
    expect(evidence).toHaveLength(2)
    expect(JSON.stringify(evidence)).not.toContain(canary)
  })
})

describe('the table of frameworks', () => {
  it('has one row for each id, and a source for every row', () => {
    expect(new Set(PYTHON_FRAMEWORKS.map((row) => row.id)).size).toBe(PYTHON_FRAMEWORKS.length)
    for (const row of PYTHON_FRAMEWORKS) expect(row.source, row.id).toMatch(/[\w.]{4,}/)
  })
})
