import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { tasks } from './index.ts'
import { effortOf, filler } from '../../../test/effort.ts'

const golden = `${import.meta.dirname}/golden/tasks.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(tasks, files)).evidence.map(showEvidence).join('\n'))

describe('tasks', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

describe('hostile task files', () => {
  const fill = filler(1 << 20)
  test.each([
    ['justfile', 'a long recipe', `a:\n    ${fill('node x.js && ')}`],
    ['justfile', 'a recipe that goes on', `a:\n${fill('    node x.js \\\n')}`],
    ['justfile', 'many recipes', fill('a:\n    node x.js\n')],
    ['justfile', 'open braces', `a:\n    node ${fill('{{')}`],
    [
      'justfile',
      'variables that double',
      `${Array.from({ length: 200 }, (_, index) => `v${index + 1} := v${index} + v${index}`).join('\n')}\na:\n    node {{v200}}`,
    ],
    ['justfile', 'parameters', `a ${fill("b='c' ")}:\n    node x.js`],
    ['Taskfile.yml', 'many tasks', `tasks:\n${fill('  a: node x.js\n')}`],
    ['Taskfile.yml', 'braces', `tasks:\n  a: "${fill('{{')}"`],
    ['mise.toml', 'many tasks', `[tasks]\n${fill('a = "node x.js"\n')}`],
    ['crontab', 'many lines', fill('@reboot node x.js\n')],
    ['crontab', 'a long line', `@reboot ${fill('node x.js && ')}`],
    ['crontab', 'blanks', fill(' ')],
    ['.github/workflows/a.yml', 'many steps', `jobs:\n  a:\n    runs-on: self-hosted\n    steps:\n${fill('      - run: node x.js\n')}`],
  ])(
    '%s: %s, a megabyte of it',
    async (path, _, text) =>
      expect(
        await effortOf(() =>
          readFolder(
            tasks,
            new Map([
              [path, text],
              ['x.js', ''],
            ]),
          ),
        ),
      ).toBeLessThan(15_000),
    60_000,
  )
})
