import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { goldenCases, goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { kubernetes } from './index.ts'

describe.each(['manifests', 'kustomize', 'kind'])('Kubernetes: %s', async (name) => {
  const golden = `${import.meta.dirname}/golden/${name}.txt`
  const cases = await goldenFile(golden, async (files) => (await readFolder(kubernetes, files)).evidence.map(showEvidence).join('\n'))
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

test('C4 · components that take up one another again and again come to an end, and that is told', async () => {
  const files = new Map([['kustomization.yaml', 'resources: [web.yaml]\ncomponents: [c0-a, c0-b]\n']])
  files.set(
    'web.yaml',
    'apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { type: NodePort, ports: [{ port: 80, nodePort: 30080 }] }\n',
  )
  for (let level = 0; level < 24; level++)
    for (const side of ['a', 'b'])
      files.set(
        `c${level}-${side}/kustomization.yaml`,
        `kind: Component\ncomponents: [../c${level + 1}-a, ../c${level + 1}-b]\npatches: [{ target: { kind: Service }, patch: '[]' }]\n`,
      )
  const { evidence } = await readFolder(kubernetes, files)
  expect(evidence.filter(({ claim }) => claim.claim === 'gap')).not.toHaveLength(0)
})

test('C4 · damaged kustomizations and patches throw nothing', async () => {
  const text = readFileSync(`${import.meta.dirname}/golden/kustomize.txt`, 'utf8')
  for (const { files } of goldenCases(text))
    for (const [path, whole] of files)
      for (let cut = 0; cut < whole.length; cut += 11) {
        const damaged = new Map([...files, [path, whole.slice(0, cut)] as const])
        await expect(readFolder(kubernetes, damaged)).resolves.toBeDefined()
      }
})
