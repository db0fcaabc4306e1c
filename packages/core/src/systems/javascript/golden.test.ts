import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Claim, Evidence, Value } from '../../evidence/index.ts'
import { evidenceOfFiles } from '../../../test/golden-sources.ts'
import { javascript } from './index.ts'
import { read } from './read.ts'
import { effort } from '../../../test/effort.ts'

/**
 * A case is one file: the requirement lines that it proves, if any (`proves E2`), sources (`=== path`), a line `----`, and
 * what is seen in them, one thing a line. Places are path and line; a value is written as the source writes it, `?` where
 * it is not known.
 */
const DIRECTORY = new URL('golden/', import.meta.url)

interface Case {
  readonly name: string
  readonly files: ReadonlyMap<string, string>
  readonly expected: readonly string[]
}

function cases(): readonly Case[] {
  return readdirSync(DIRECTORY)
    .filter((name) => name.endsWith('.txt'))
    .toSorted()
    .map((name) => {
      const [sources = '', expected = ''] = readFileSync(new URL(name, DIRECTORY), 'utf8').split(/^----\n/m)
      const parts = sources.split(/^=== (.+)\n/m).slice(1)
      const files = new Map(Array.from({ length: parts.length / 2 }, (_, index) => [parts[index * 2] ?? '', parts[index * 2 + 1] ?? '']))
      const proves = /^proves (.+)\n/.exec(sources)?.[1]
      return {
        name: (proves === undefined ? '' : `${proves.replaceAll(' ', ' · ')} · `) + name.replace('.txt', ''),
        files,
        expected: expected.split('\n').filter((line) => line !== ''),
      }
    })
}

const isRead = (path: string, text: string): boolean =>
  javascript.reads.some((pattern) => pattern.path.test(path) && pattern.contains?.test(text) !== false)

function evidenceOf(files: ReadonlyMap<string, string>): readonly Evidence[] {
  return evidenceOfFiles(
    files,
    [...files].flatMap(([path, text]) => (isRead(path, text) ? [path] : [])),
    read,
  )
}

function written(value: Value): string {
  switch (value.kind) {
    case 'known':
      return typeof value.value === 'string' ? `'${value.value}'` : String(value.value)
    case 'absent':
      return '-'
    case 'environment': {
      const fallback = value.fallback.kind === 'absent' && value.optional !== true ? '' : written(value.fallback)
      const whenSet = value.whenSet === undefined ? '' : `:${written(value.whenSet)}`
      return `$${value.name}${whenSet}${fallback === '' ? '' : `${value.emptyIsUnset ? '||' : '??'}${fallback}`}`
    }
    case 'argument':
      return value.fallback.kind === 'absent' ? value.name : `${value.name}||${written(value.fallback)}`
    case 'choice':
      return value.when === undefined
        ? `(${value.options.map(written).join(' | ')})`
        : `(${written(value.when.of)}${value.when.is === undefined ? '' : `=${value.when.is.join()}`} ? ${value.options.map(written).join(' : ')})`
    case 'joined':
      return value.parts.map(written).join('+')
    case 'unknown':
      return '?'
    default:
      return value satisfies never
  }
}

function described(claim: Claim, path: string): string {
  switch (claim.claim) {
    case 'bind': {
      const marks = [
        claim.test ? ' test' : '',
        claim.builtFrom === undefined ? '' : ` from=${claim.builtFrom}`,
        claim.entries.length === 1 && claim.entries[0] === path ? '' : ` entries=${claim.entries.join(',')}`,
        claim.runtime === undefined ? '' : ` by=${claim.runtime}`,
      ]
      return `${claim.framework} ${claim.protocol} host=${written(claim.host)} port=${written(claim.port)} default=${claim.defaultHost}${marks.join('')}`
    }
    case 'allowed-origins':
      return `${claim.name} ${claim.wildcard ? '* ' : ''}${claim.credentials ? 'credentials ' : ''}${claim.origins.map((origin) => written(origin.text)).join(' ')}`.trim()
    case 'guard-use':
      return `guard ${claim.name} ${claim.entries.join(',')}`
    case 'missing-import':
      return `missing ${claim.path}${claim.isForEffect ? ' for its effect' : ''} ${claim.entries.join(',')}`
    case 'environment-load':
      return `loads ${claim.files.map(written).join(' ')}${claim.overrides ? ' over' : ''}${claim.relativeTo === undefined ? '' : ` in=${claim.relativeTo}`}${claim.isDone === undefined ? '' : ` if=${written(claim.isDone)}`}${claim.readBefore === undefined ? '' : ` after=${claim.readBefore.map(({ path: read, line, perhaps }) => `${read}:${line}${perhaps === true ? '?' : ''}`).join(',')}`} ${claim.entries.join(',')}`
    case 'launch': {
      const set = [...claim.environment].map(([name, setting]) => `${name}=${written(setting.value)}`)
      const given = [...(claim.arguments ?? [])].map(([name, setting]) => `${name}=${written(setting.value)}`)
      const { entries, takes } = claim.startedBy ?? { entries: [], takes: [] }
      const where = claim.workingDirectory === undefined ? [] : [`in=${claim.workingDirectory}`]
      const unseen = claim.unseenEnvironment === undefined ? [] : ['unseen']
      return [
        'starts',
        claim.serves?.program ?? claim.entry ?? '?',
        ...where,
        ...set,
        ...given,
        ...unseen,
        `by=${entries.join(',')}`,
        ...takes,
      ].join(' ')
    }
    case 'gap':
      return `gap ${claim.code} ${claim.affects.kind}`
    default:
      return claim.claim
  }
}

function lines(evidence: readonly Evidence[]): readonly string[] {
  return evidence.map(({ claim, origin }) => {
    const path = origin.kind === 'file' ? origin.path : '?'
    return `${path}:${origin.kind === 'file' ? origin.span.start.line : 0} ${described(claim, path)}`
  })
}

describe('golden', () => {
  for (const { name, files, expected } of cases()) {
    test(name, () => expect(lines(evidenceOf(files))).toEqual(expected))
  }
})

/** Deterministic, so that a failure can be run again. */
function* random(seed: number): Generator<number, never> {
  let state = seed
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state / 2 ** 32
  }
}

const TOKENS =
  '( ) { } [ ] ` ${ ; , . => = || ?? ? : ... await new class function return import export from require listen app port host // /* */ \n \u2028 \ud83d \' " <T> #x 0 1e999 process.env'.split(
    ' ',
  )

/** One file of a case with something cut out, doubled, put in, or moved. */
function mutated(files: ReadonlyMap<string, string>, next: () => number): ReadonlyMap<string, string> {
  const result = new Map(files)
  const paths = [...files.keys()]
  for (let change = 0; change < 1 + Math.floor(next() * 4); change++) {
    const path = paths[Math.floor(next() * paths.length)] ?? ''
    const text = result.get(path) ?? ''
    const from = Math.floor(next() * text.length)
    const to = Math.min(text.length, from + Math.floor(next() * 40))
    const token = TOKENS[Math.floor(next() * TOKENS.length)] ?? ''
    const piece =
      [token, text.slice(from, to) + text.slice(from, to), '', token.repeat(50), text.slice(0, Math.floor(next() * 80))][
        Math.floor(next() * 5)
      ] ?? ''
    result.set(path, text.slice(0, from) + piece + text.slice(to))
  }
  return result
}

describe('fuzz', () => {
  const count = Number(process.env['SALLYPORT_FUZZ'] ?? 500)
  test(
    `${count} mutated cases: nothing throws, and every place lies in its file`,
    () => {
      const all = cases()
      const numbers = random(1)
      const next = (): number => numbers.next().value
      for (let index = 0; index < count; index++) {
        const files = mutated(all[index % all.length]?.files ?? new Map(), next)
        for (const { origin, claim } of evidenceOf(files)) {
          if (origin.kind !== 'file') throw new Error('an origin that is no file')
          const text = files.get(origin.path) ?? ''
          expect(origin.span.start.offset).toBeLessThanOrEqual(origin.span.end.offset)
          expect(origin.span.end.offset).toBeLessThanOrEqual(text.length)
          expect(structuredClone(claim)).toEqual(claim)
        }
      }
    },
    60_000 + count * 50,
  )

  test('whatever stands for port and host, the call is reported', () => {
    const leaf = fc.constantFrom(
      '3000',
      "'127.0.0.1'",
      'process.env.X',
      'mystery()',
      'a.b.c',
      'undefined',
      '`x${y}`',
      'process.argv[2]',
      'await z',
      '[1, 2][i]',
      'new Q()',
      'options',
      'true',
    )
    const { expression } = fc.letrec<{ expression: string }>((tie) => ({
      expression: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        leaf,
        fc
          .tuple(tie('expression'), fc.constantFrom('||', '??', '&&', '+', ','), tie('expression'))
          .map(([left, operator, right]) => `((${left}) ${operator} (${right}))`),
        fc
          .tuple(tie('expression'), tie('expression'), tie('expression'))
          .map(([condition, yes, no]) => `((${condition}) ? (${yes}) : (${no}))`),
        tie('expression').map((inner) => `Number(${inner})`),
        tie('expression').map((inner) => `({ port: ${inner} }).port`),
      ),
    }))
    fc.assert(
      fc.property(expression, expression, (port, host) => {
        const source = `const app = require('express')()\nasync function start() {\n  app.listen(pick(${port}), ${host}, () => {})\n}\n`
        const [found] = evidenceOf(new Map([['index.js', source]]))
        expect(found?.claim.claim).toBe('bind')
        expect(found?.origin.kind === 'file' && found.origin.span.start.line).toBe(3)
      }),
      { numRuns: 300 },
    )
  })

  const hostile: Readonly<Record<string, string>> = {
    'deep parentheses': `const app = require('express')()\napp.listen(${'('.repeat(10_000)}3000${')'.repeat(10_000)})`,
    'deep calls': `const app = require('express')()\napp.listen(${'f('.repeat(10_000)}3000${')'.repeat(10_000)})`,
    'a long chain of calls': `require('express')()${'.use(x)'.repeat(5_000)}.listen(3000)`,
    'a long chain of ||': `require('express')().listen(${'a || '.repeat(20_000)}3000)`,
    'a long sum': `require('express')().listen(${"'a' + ".repeat(20_000)}'b')`,
    'many negations': `require('express')().listen(${'!'.repeat(10_000)}x ? 1 : 2)`,
    'nested functions': `${'(() => {'.repeat(3_000)}require('express')().listen(3000)${'})()'.repeat(3_000)}`,
    'a line of a megabyte': `const app = require('express')(); const s = '${'x'.repeat(950_000)}'; app.listen(3000)`,
    'many programs that are started': `const { spawn } = require('child_process')\nconst env = { ...process.env }\n${Array.from({ length: 400 }, (_, index) => `env.N${index} = process.env.N${index + 1}\nspawn('node', ['f${index}.js'], { env })`).join('\n')}`,
    'a list of spreads': `const { spawn } = require('child_process')\nconst a0 = ['x']\n${Array.from({ length: 60 }, (_, index) => `const a${index + 1} = [...a${index}, ...a${index}]`).join('\n')}\nspawn('node', a60)`,
    'minified names': `const e = require('express')();${'e.x(e,e);'.repeat(20_000)}e.listen(3000)`,
    'functions that call each other': `${Array.from({ length: 300 }, (_, index) => `function f${index}(x) { return f${(index + 1) % 300}(x) || f${(index * 7) % 300}(x) }`).join('\n')}\nrequire('express')().listen(f0(1))`,
    'callers of callers': `${Array.from({ length: 60 }, (_, index) => `function g${index}(p) { g${index + 1}(p); g${index + 1}(p + 1) }`).join('\n')}\nfunction g60(p) { require('express')().listen(p) }\ng0(1)`,
    'classes that extend themselves':
      'class A extends A { go() { this.x.listen(3000) } }\nclass B extends C {}\nclass C extends B { go() { this.app.listen(this.port) } }\nnew C().go()',
    'variables of each other': 'var a = b || c, b = c || a, c = a || b\nrequire("express")().listen(a, b)',
    'a variable written a thousand times': `let p = 1\n${Array.from({ length: 1_000 }, (_, index) => `if (x) p = ${index}`).join('\n')}\nrequire('express')().listen(p)`,
    'a huge object': `const o = {${Array.from({ length: 20_000 }, (_, index) => `k${index}: ${index}`).join()}}\nrequire('express')().listen(o[process.env.K], o.k19999)`,
    'spread of spread': `const a = {...a, ...b}, b = {...a}\nrequire('express')().listen({...a, ...b})`,
    'much white space': `require('express')().listen${' '.repeat(900_000)}(3000)`,
    'many lines': `${'\n'.repeat(500_000)}require('express')().listen(3000)`,
    'white space after import': `import${' '.repeat(400_000)}x; require('express')().listen(3000); import${' '.repeat(400_000)}`,
    'comments that open': `require('express')().listen(3000)\n${'/*'.repeat(200_000)}`,
    'many imports in one line': `require('express')().listen(3000);${"require('./x');'https://example.com/*';".repeat(10_000)}`,
    'patterns that write': `require('express')().listen(3000);${'a.b}=1;'.repeat(100_000)}`,
    'many writes by an index': `const app = require('express')(), config = { host: '::1' };${'config[x]=1;'.repeat(30_000)}app.listen(3000, config.host)`,
    'many writes of one name': `const app = require('express')(), config = { host: '::1' };${'config.host=f();'.repeat(30_000)}app.listen(3000, config.host)`,
    'a long word behind an escape': `require('express')().listen(3000); '\\u0041';${'a'.repeat(900_000)}`,
    'functions that change what they are given': `const c = { host: '::1' };${Array.from({ length: 400 }, (_, index) => `function f${index}(x) { x.host = 1; f${(index * 7) % 400}(x) }`).join('\n')}\nf0(c);require('express')().listen(3000, c.host)`,
    'many listeners': Array.from({ length: 2_000 }, (_, index) => `app.listen(${index})`).join('\n'),
  }
  for (const [name, source] of Object.entries(hostile)) {
    test(`hostile: ${name}`, () => {
      const started = effort()
      const evidence = evidenceOf(new Map([['index.js', source]]))
      expect(effort() - started).toBeLessThan(10_000)
      expect(evidence.length).toBeGreaterThan(name.startsWith('classes') ? -1 : 0)
    })
  }

  test('hostile: two hundred files that import one another', () => {
    const files = new Map(
      Array.from(
        { length: 200 },
        (_, index) =>
          [
            `f${index}.js`,
            `export * from './f${(index + 1) % 200}.js'\nexport { p } from './f${(index * 3) % 200}.js'\nimport { p } from './f${(index + 7) % 200}.js'\nimport app from 'express'\napp().listen(p)`,
          ] as const,
      ),
    )
    const started = effort()
    expect(evidenceOf(files)).toHaveLength(200)
    expect(effort() - started).toBeLessThan(20_000)
  })
})
