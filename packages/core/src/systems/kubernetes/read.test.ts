import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { kubernetes } from './index.ts'

const golden = `${import.meta.dirname}/golden/manifests.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(kubernetes, files)).evidence.map(showEvidence).join('\n'))

describe('manifests of Kubernetes', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})
