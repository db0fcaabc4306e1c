import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { kubernetes } from './index.ts'

const golden = `${import.meta.dirname}/golden/manifests.txt`
const cases = await goldenFile(golden, async (files) => (await readFolder(kubernetes, files)).evidence.map(showEvidence).join('\n'))

describe('manifests of Kubernetes', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))
})

test('C4 · objects beyond those that are looked at are told of', async () => {
  const service = (index: number): string =>
    `---\napiVersion: v1\nkind: Service\nmetadata: { name: s${index} }\nspec: { type: NodePort, ports: [{ port: 80, nodePort: 30001 }] }\n`
  const text = Array.from({ length: 5001 }, (_, index) => service(index)).join('')
  const { evidence } = await readFolder(kubernetes, new Map([['k.yml', text]]))
  const claims = evidence.map(({ claim }) => claim.claim)
  expect(claims.filter((claim) => claim === 'compose-service')).toHaveLength(5000)
  expect(claims.filter((claim) => claim === 'gap')).toHaveLength(1)
})

test('C4 · containers and ports beyond those that are looked at are told of', async () => {
  const ports = Array.from({ length: 501 }, (_, index) => `{ containerPort: 80, hostPort: ${index + 1} }`).join(', ')
  const containers = Array.from({ length: 501 }, (_, index) => `{ name: c${index}, ports: [${index === 0 ? ports : ''}] }`).join(', ')
  const text = `apiVersion: v1\nkind: Pod\nspec: { containers: [${containers}] }\n`
  const { evidence } = await readFolder(kubernetes, new Map([['k.yml', text]]))
  expect(evidence.map(({ claim }) => (claim.claim === 'gap' ? claim.what : claim.claim))).toEqual([
    'compose-service',
    'only the first 500 of these were looked at',
    'only the first 500 of these were looked at',
  ])
})
