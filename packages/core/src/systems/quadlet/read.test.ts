import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { quadlet } from './index.ts'

const golden = `${import.meta.dirname}/golden/containers.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(quadlet, files)).evidence.map(showEvidence).join('\n'))

describe('containers of quadlets', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})
