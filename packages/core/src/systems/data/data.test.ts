import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Text } from '../../evidence/index.ts'
import { originOf } from '../yaml.ts'
import { type DataFormat, dataFormat, readData, scalarValue, type Tree } from './index.ts'
import { effort } from '../../../test/effort.ts'

/** As plain JavaScript, so that it can be compared. */
function plain(tree: Tree | undefined): unknown {
  if (tree === undefined) return undefined
  if (tree.kind === 'list') return tree.items.map(plain)
  if (tree.kind === 'mapping') return Object.fromEntries([...tree.entries].map(([name, { value }]) => [name, plain(value)]))
  const value = scalarValue(tree)
  return value?.kind === 'known' ? value.value : null
}

const read = (format: DataFormat, content: string): unknown => plain(readData(new Text(`config.${format}`, content), format))

describe('configuration files', () => {
  test('the format is told by the name', () => {
    expect(['config.json', 'a/b.YML', 'app.toml', 'app.ini', 'app.env', 'toml'].map(dataFormat)).toEqual([
      'json',
      'yaml',
      'toml',
      'ini',
      undefined,
      undefined,
    ])
  })

  test('JSON, and its dialects with comments', () => {
    expect(read('json', '{"a": [1, true, null, "x"], "b": {"c": "//no comment"}}')).toEqual({
      a: [1, true, null, 'x'],
      b: { c: '//no comment' },
    })
    expect(read('json', '// one\n{ port: 3000, /* two\n */ \'host\': \'127.0.0.1\', "url": "http://x", }')).toEqual({
      port: 3000,
      host: '127.0.0.1',
      url: 'http://x',
    })
    expect(read('json', '{"a": 1 /* open')).toBeDefined()
  })

  test('TOML', () => {
    const content = [
      'title = "a \\"b\\" \\u00e9" # comment',
      "path = 'C:\\x'",
      'n = 1_000',
      'on = true',
      'server.host = "0.0.0.0"',
      '"quoted key" = 0x1f',
      '[server.tls]',
      'port = 8443',
      'list = [ 1, [2, "x"], # in it',
      ' { a = 1, b.c = 2 } ]',
      '[[workers]]',
      'name = "one"',
      '[[workers]]',
      'name = """',
      'two',
      'lines"""',
      '[workers.limits]',
      'cpu = 1.5',
      'this is damaged',
      'after = 1979-05-27',
    ].join('\n')
    expect(read('toml', content)).toEqual({
      title: 'a "b" é',
      path: 'C:\\x',
      n: 1000,
      on: true,
      server: { host: '0.0.0.0', tls: { port: 8443, list: [1, [2, 'x'], { a: 1, b: { c: 2 } }] } },
      'quoted key': 31,
      workers: [{ name: 'one' }, { name: '\ntwo\nlines', limits: { cpu: 1.5, after: '1979-05-27' } }],
    })
  })

  test('INI', () => {
    expect(
      read('ini', 'top = 1\n[server]\n; comment\nhost: 0.0.0.0\nport=8000 \n  continued\n[server]\nurl = http://x:1\n[empty]'),
    ).toEqual({
      top: '1',
      server: { host: '0.0.0.0', port: '8000', url: 'http://x:1' },
      empty: {},
    })
  })

  test('every value has its place', () => {
    for (const [format, content] of [
      ['json', '{\n  "port": 3000\n}'],
      ['toml', '[a]\nport = 3000\n'],
      ['ini', '[a]\nport = 3000\n'],
    ] as const) {
      const places: string[] = []
      const visit = (tree: Tree | undefined): void => {
        if (tree?.kind === 'scalar') places.push(content.slice(tree.start, tree.end))
        else if (tree?.kind === 'mapping') for (const { value } of tree.entries.values()) visit(value)
      }
      visit(readData(new Text('x', content), format))
      expect(places).toEqual(['3000'])
    }
  })

  test('a comment leaves every line where it is, also where CR ends it', () => {
    const content = '{ // one\r/* two\r three */ // four\r\n  "port": 3000 }'
    const tree = readData(new Text('x', content), 'json')
    const port = tree?.kind === 'mapping' ? tree.entries.get('port')?.value : undefined
    expect(port === undefined ? undefined : originOf(port).span.start).toEqual(new Text('x', content).position(content.indexOf('3000')))
  })
})

describe('any text', () => {
  const piece = fc.constantFrom(
    ...'[ ] [[ ]] { } = : , . " \' """ \'\'\' # // /* */ \\ \\u00 \n \r\n \t a port 3000 true 0x - ~ & * !'.split(' '),
    '\n',
    ' ',
  )
  const runs = Number(process.env['SALLYPORT_FUZZ'] ?? 2_000)
  test(`${runs} texts are read without throwing, with places inside the text`, () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 60 }), (pieces) => {
        const content = pieces.join('')
        for (const format of ['json', 'yaml', 'toml', 'ini'] as const) {
          const visit = (tree: Tree, depth: number): void => {
            expect(tree.start).toBeLessThanOrEqual(tree.end)
            expect(tree.end).toBeLessThanOrEqual(content.length)
            if (depth > 200 || tree.kind === 'scalar') return
            for (const inner of tree.kind === 'list' ? tree.items : [...tree.entries.values()].map(({ value }) => value))
              visit(inner, depth + 1)
          }
          const tree = readData(new Text('x', content), format)
          if (tree !== undefined) visit(tree, 0)
        }
      }),
      { numRuns: runs },
    )
  })

  test.each([
    ['toml', `a = ${'['.repeat(200_000)}`],
    ['toml', `a = "${'\\"'.repeat(300_000)}`],
    ['toml', `${'a.'.repeat(300_000)}b = 1`],
    ['toml', '[[a]]\n'.repeat(100_000)],
    ['toml', 'a = \'\'\'\nb = """\n'.repeat(40_000)],
    ['ini', ' '.repeat(900_000)],
    ['ini', `a${' '.repeat(900_000)}`],
    ['ini', '[a]\nb = 1\n'.repeat(80_000)],
    ['json', `/${'*/'.repeat(400_000)}`],
    ['json', `// \n${'"\\"'.repeat(300_000)}`],
  ] as const)('hostile %s: %#', (format, content) => {
    const started = effort()
    readData(new Text('x', content), format)
    expect(effort() - started).toBeLessThan(5_000)
  })
})
