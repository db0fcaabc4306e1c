import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { effortOf, filler, numbered } from '../../../test/effort.ts'
import { batch } from './index.ts'

const golden = `${import.meta.dirname}/golden/files.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(batch, files)).evidence.map(showEvidence).join('\n'))

describe('P8 · batch files', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

describe('hostile batch files', () => {
  test('C4 · a caret at the end of a file leaves places inside of it', async () => {
    const text = 'node a.js^'
    const { evidence } = await readFolder(batch, new Map([['x.bat', text]]))
    expect(evidence.length).toBeGreaterThan(0)
    for (const { origin } of evidence) expect(origin.kind === 'file' && origin.span.end.offset <= text.length).toBe(true)
  })

  const SIZE = 1 << 18
  const fill = filler(SIZE)
  test.each([
    ['a long word', fill('a')],
    ['a long line', fill('a ')],
    ['open quotes', fill('" ')],
    ['open brackets', fill('(')],
    ['brackets that close', fill(')\n')],
    ['brackets and lines', fill('(\n')],
    ['carets', fill('^')],
    ['continued lines', fill('^\n')],
    ['ampersands', fill('&')],
    ['bars', fill('||')],
    ['redirections', fill('a > b ')],
    ['open redirections', fill('>')],
    ['newlines', fill('\n')],
    ['comments', fill(':: a\n')],
    ['remarks', fill('rem a\n')],
    ['variables', fill('%a%')],
    ['open variables', fill('%a')],
    ['lines of variables', fill('node %a% %b% %c%\n')],
    ['variables of loops', fill('%%~dpnxa')],
    ['ifs', fill('if "%a%"=="" b\n')],
    ['ifs in one another', fill('if a==b ')],
    ['ifs with brackets', fill('if a==%b% (')],
    ['elses', `if a==%b% (c)${fill(' else if a==%b% (c)')}`],
    ['fors', fill('for %%i in (a b c) do node x.js\n')],
    ['fors in one another', fill('for %%i in (a b) do ')],
    ['fors without an end', fill('for %%i in (')],
    ['labels', numbered(SIZE / 10, (index) => `:l${index}`)],
    ['labels and what leads to them', numbered(SIZE / 24, (index) => `if %a%==b goto l${index}\n:l${index}`)],
    ['upwards', numbered(SIZE / 24, (index) => `:l${index}\nif %a%==b goto l${index}`)],
    ['calls of one label', `${fill('call :a\n')}\n:a\nnode x.js\n`],
    ['calls that double', `${numbered(200, (index) => `:f${index}\ncall :f${index + 1}\ncall :f${index + 1}\nexit /b`)}`],
    ['a file that calls itself', fill('call x.bat\n')],
    ['a goto that may lead anywhere', `${numbered(400, (index) => `:l${index}`)}${fill('if a==%b% goto %1\n')}`],
    ['variables that are set', numbered(SIZE / 16, (index) => `set v${index}=${index}`)],
    ['variables that are set where it is not known', numbered(SIZE / 30, (index) => `if a==%b% set v${index % 400}=${index}`)],
    ['a variable that doubles', `set a=xx yy\n${fill('set a=%a% %a%\n')}`],
    ['setlocals', fill('setlocal\nset a=b\n')],
    ['cmd in cmd', fill('cmd /c ')],
    ['cmd in quotes', fill('cmd /c "')],
    ['starts', fill('start "" node x.js\n')],
    ['starts of starts', fill('start ')],
  ])(
    '%s, a quarter of a megabyte of it',
    async (_, text) => expect(await effortOf(() => readFolder(batch, new Map([['x.bat', text]])))).toBeLessThan(5_000),
    60_000,
  )
})
