import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../test/reader.ts'
import { deployedPath, filesEnding, placesOf } from './deployed.ts'
import { shell } from './shell/index.ts'

const cases = await goldenFile(`${import.meta.dirname}/shell/golden/deployed.txt`, async (files) => {
  const { evidence } = await readFolder(shell, files)
  return evidence.map(showEvidence).join('\n')
})

describe('starts by the paths of the machine that the folder is deployed to', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

describe('paths of a machine', () => {
  const paths = new Set(['server.js', 'api/server.js', 'api/src/main.ts', 'web/index.js'])

  test.each([
    ['/srv/app/api/server.js', 'api/server.js'],
    ['/srv/app/server.js', 'server.js'],
    ['/srv/app/api', 'api'],
    ['/srv/app/api/dist/main.js', 'api/dist/main.js'],
    ['/srv/app/dist/main.js', 'dist/main.js'],
    ['/usr/lib/x.so', undefined],
    ['/srv/app/other.js', undefined],
    [`/${'a/'.repeat(100_000)}server.js`, undefined],
  ])('%.40s is %s', (path, found) => expect(deployedPath(path, paths)).toBe(found))

  test('a directory may always be the folder itself', () => {
    expect(placesOf('/srv/platform/api', paths)).toEqual(['api', ''])
    expect(placesOf('/srv/app', paths)).toEqual([''])
  })

  test('files by the end of their path', () => {
    expect(filesEnding('server.js', paths)).toEqual(['server.js', 'api/server.js'])
    expect(filesEnding('api/server.js', paths)).toEqual(['api/server.js'])
    expect(filesEnding('erver.js', paths)).toEqual([])
    expect(filesEnding('index.js', new Set(Array.from({ length: 9 }, (_, index) => `p${index}/index.js`)))).toEqual([])
  })
})
