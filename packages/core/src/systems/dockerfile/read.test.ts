import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { Text } from '../../evidence/index.ts'
import { readStages, stageFor } from './image.ts'
import { dockerfile } from './index.ts'
import { effortOf, filler } from '../../../test/effort.ts'

const golden = `${import.meta.dirname}/golden/images.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(dockerfile, files)).evidence.map(showEvidence).join('\n'))

describe('P8 · Dockerfiles', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))

  test('the stage that is asked for, and what it exposes', () => {
    const text = new Text('Dockerfile', 'FROM a AS one\nARG P=81\nEXPOSE 80 ${P}/udp 8000-8010\nFROM b AS two\nEXPOSE 90\n')
    const { stages } = readStages(text, '')
    expect(stageFor(stages, 'ONE')?.exposed).toEqual([
      { ports: { first: 80, last: 80 }, protocol: 'tcp' },
      { ports: { first: 81, last: 81 }, protocol: 'udp' },
      { ports: { first: 8000, last: 8010 }, protocol: 'tcp' },
    ])
    expect(stageFor(stages, '1')?.name).toBe('two')
    expect(stageFor(stages, undefined)?.name).toBe('two')
    expect(stageFor(stages, 'three')).toBeUndefined()
  })
})

describe('hostile Dockerfiles', () => {
  const SIZE = 1 << 20
  const fill = filler(SIZE)
  test.each([
    ['a long line', `FROM a\nCMD ${fill('a ')}`],
    ['a line that goes on', `FROM a\nCMD ${fill('a \\\n')}`],
    ['comments in a line that goes on', `FROM a\nCMD a \\\n${fill('#\n')}`],
    ['stages', fill('FROM a AS b\n')],
    ['stages on stages', Array.from({ length: SIZE / 30 }, (_, index) => `FROM s${index} AS s${index + 1}\nENV A${index}=1\n`).join('')],
    ['variables', `FROM a\n${fill('ENV A=$A$A\n')}`],
    ['copies', `FROM a\n${fill('COPY a b\n')}`],
    ['a long array', `FROM a\nCMD [${fill('"a",')}"a"]`],
    ['flags', `FROM a\nCOPY ${fill('--a=b ')}`],
    ['here-documents', `FROM a\n${fill('RUN <<E\n')}`],
    ['here-documents in one line', `FROM a\nRUN ${fill('<<E ')}`],
    ['quotes', `FROM a\nENV A=${fill('"')}`],
  ])(
    '%s, a megabyte of it',
    async (_, text) => expect(await effortOf(() => readFolder(dockerfile, new Map([['Dockerfile', text]])))).toBeLessThan(10_000),
    60_000,
  )
})
