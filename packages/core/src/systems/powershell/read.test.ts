import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { powershell } from './index.ts'
import { effortOf, filler, numbered } from '../../../test/effort.ts'

const golden = `${import.meta.dirname}/golden/scripts.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(powershell, files)).evidence.map(showEvidence).join('\n'))

describe('P8 · PowerShell scripts', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

describe('hostile PowerShell scripts', () => {
  const SIZE = 1 << 18
  const fill = filler(SIZE)
  test.each([
    ['a long word', fill('a')],
    ['a long string', `"${fill('a ')}"`],
    ['a long string of variables', `"${fill('$a ')}"`],
    ['open quotes', fill('" ')],
    ['open quotes of both kinds', fill(`"'`)],
    ['open parentheses', fill('(')],
    ['open subexpressions', fill('$(')],
    ['open subexpressions in strings', fill('"$(')],
    ['open subexpressions in parentheses', fill('($(')],
    ['open lists', fill('@(')],
    ['open tables', fill('@{a=')],
    ['open braces', fill('{')],
    ['open variables', fill('${')],
    ['open indexes', fill('$a[')],
    ['open indexes in parentheses', fill('$a[($a[(')],
    ['open types', fill('[a')],
    ['types', fill('[a]')],
    ['casts', fill('[a]$b ')],
    ['members', `$a${fill('.a')}`],
    ['calls of members', `$a${fill('.a()')}`],
    ['open calls of members', fill('$a.b(')],
    ['signs', fill('!')],
    ['minus signs', fill('- ')],
    ['sums', `$x = ${fill('1+')}1`],
    ['sums of texts', `$x = ${fill("'aaaaaaaa' + ")}''`],
    ['sums in parentheses', `$x = ${'('.repeat(50)}${fill('1+1)+')}`],
    ['commas', fill(',')],
    ['a long list', `$x = ${fill('1,')}1`],
    ['conditions', fill('$a ? ')],
    ['chains', fill('a && b || c; ')],
    ['one long chain', `a${fill(' && a')}`],
    ['pipes', fill('a | ')],
    ['here-strings', fill('@"\na\n"@\n')],
    ['open here-strings', fill('@"\n')],
    ['comments', fill('<# #>')],
    ['open comments', fill('<#')],
    ['lines of comments', fill('#\n')],
    ['newlines', fill('\n')],
    ['continued lines', fill('`\n')],
    ['backticks', fill('`')],
    ['ifs', fill('if ($a) { b }\n')],
    ['ifs in one another', fill('if ($a) {')],
    ['ifs behind comments', fill('if ($a) { b }\n# c\n')],
    ['ifs that leave', fill('if ($a) { return 1 }\n')],
    ['ifs on variables', fill('if ($a) { $b = 1 } else { $b = 2 }\n')],
    ['lists that differ', `$a = @()\n${fill('if ($b) { $a += "--x" }\n')}python @a`],
    ['elses', `if ($a) { b }${fill(' elseif ($a) { b }')}`],
    ['tries', fill('try {} catch {} ')],
    ['switches', fill('switch ($a) { ')],
    ['loops over a list', `${'foreach ($a in 1..32) {'.repeat(8)}node x.js`],
    ['attributes', `param(${fill('[a(')}`],
    ['block attributes', fill('{[Alias("')],
    ['block attributes with strings', fill('{[Alias("$({')],
    ['parameters', `param(${fill('$a = 1, ')}$b)`],
    ['functions', numbered(SIZE / 24, (index) => `function f${index} { a }`)],
    ['functions in one another', fill('function f { ')],
    ['calls that double', `${numbered(200, (index) => `function f${index} { f${index + 1}; f${index + 1} }`)}f0`],
    ['variables', numbered(SIZE / 16, (index) => `$v${index} = ${index}`)],
    ['variables of the environment', numbered(SIZE / 20, (index) => `$env:V${index} = ${index}`)],
    ['a variable that doubles', `$a = 'xxxxxxxx'\n${fill('$a = "$a$a"\n')}`],
    ['a list that doubles', `$a = @('x')\n${fill('$a = $a + $a\n')}python @a`],
    ['a table that grows', `$a = @{}\n${numbered(SIZE / 24, (index) => `$a.k${index} = 1`)}`],
    ['splats', `$a = 1..60\n${fill('node x.js @a @a @a\n')}`],
    ['long command lines', `Start-Process a "${fill('b ')}"`],
    ['text that is run', fill('iex "node x.js"\n')],
    ['text that runs text', fill("iex 'iex ''")],
    ['PowerShell in PowerShell', fill('pwsh -c ')],
    ['cmd in cmd', fill('cmd /c ')],
    ['jobs', fill('Start-Job { node x.js }\n')],
    ['redirections', `a ${fill('> b ')}`],
    ['verbatim words', `a --% ${fill('%A% ')}`],
    ['formats', `$x = '${fill('{0}')}' -f 1`],
    ['brackets that close', fill(') } ] ')],
  ])(
    '%s, a quarter of a megabyte of it',
    async (_, text) => expect(await effortOf(() => readFolder(powershell, new Map([['x.ps1', text]])))).toBeLessThan(5_000),
    60_000,
  )

  test('C4 · loops within loops are followed together for so many rounds, not each for its own', async () => {
    const depth = 16
    const script = `${numbered(depth, (index) => `foreach ($a${index} in 1, 2) {`)}uvicorn main:app --port "80$a15"\n${numbered(depth, () => '}')}`
    const { evidence } = await readFolder(powershell, new Map([['a.ps1', script]]))
    expect(evidence.filter(({ claim }) => claim.claim === 'launch').length).toBeGreaterThan(0)
    expect(evidence.flatMap(({ claim }) => (claim.claim === 'gap' ? [claim.what] : []))).toEqual([])
  })
})
