import { describe, expect, test } from 'vitest'
import { goldenFile, readFolder, showEvidence } from '../../../test/reader.ts'
import { evidenceOf } from '../../evidence/index.ts'
import { compose } from './index.ts'
import { readPort } from './ports.ts'
import { effortOf, filler } from '../../../test/effort.ts'

const folder = `${import.meta.dirname}/golden`
const read = async (files: ReadonlyMap<string, string>) => (await readFolder(compose, files)).evidence
const ports = await goldenFile(`${folder}/ports.txt`, async (files) =>
  (await read(files))
    .filter(({ claim }) => claim.claim !== 'launch')
    .map(showEvidence)
    .join('\n'),
)
const projects = await goldenFile(`${folder}/projects.txt`, async (files) => (await read(files)).map(showEvidence).join('\n'))

describe('M1 · published ports', () => {
  for (const { title, expected, actual } of ports) test(title, () => expect(actual).toBe(expected))
})

describe('M1 · projects', () => {
  for (const { title, expected, actual } of projects) test(title, () => expect(actual).toBe(expected))

  test('C5 · no secret is in what is kept', async () => {
    for (const { files } of projects) {
      const kept = JSON.stringify(await read(files), (_, value: unknown) => (value instanceof Map ? [...value] : value))
      expect(kept).not.toContain('canary')
    }
  })
})

describe('the short form of a port', () => {
  test.each(['80', '8080:80', '127.0.0.1:80:80', '[::1]:80:80', '1-3:4-6', '80/udp', '::80'])('is read: %s', (text) => {
    expect(readPort(text).kind).toBe('port')
  })

  test.each(['', ':', '80:', 'a', '80:a', 'a:80', '1-2:1-3', '-1', '80/x', '1.2.3:80:80', '[::1:80:80', '99999', '1e3', '0x50', ' 80'])(
    'is refused: %s',
    (text) => {
      expect(readPort(text).kind).toBe('invalid')
    },
  )
})

describe('hostile compose files', () => {
  const SIZE = 1 << 20
  const fill = filler(SIZE - 100)
  const head = 'services:\n  a:\n    image: x\n'
  test.each([
    ['a long image', `services:\n  a: { image: ${fill('a')} }`],
    ['ports', `${head}    ports: [${fill('"80:80",')}]`],
    ['services', `services:\n${Array.from({ length: SIZE / 24 }, (_, index) => `  s${index}: { image: x }\n`).join('')}`],
    ['variables', `${head}    command: ${fill('${A:-')}`],
    ['words', `${head}    command: ${fill('a ')}`],
    [
      'an alias bomb',
      `x-a: &a ["x","x","x","x","x","x","x","x","x"]\n${'bcdefghij'
        .split('')
        .map((name, index) => `x-${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[index]}`).join(',')}]`)
        .join('\n')}\nservices:\n  s: { image: x, ports: *j, environment: *j, command: *j }`,
    ],
    [
      'a merge bomb',
      `x-a: &a { k: v }\n${Array.from({ length: 3000 }, (_, index) => `x-${index}: &m${index} { <<: [*${index === 0 ? 'a' : `m${index - 1}`}, *a], k${index}: v }`).join('\n')}\nservices:\n  s: { image: x, environment: *m2999 }`,
    ],
    [
      'extends in a row',
      `services:\n  s0: { image: x }\n${Array.from({ length: 900 }, (_, index) => `  s${index + 1}: { extends: s${index}, ports: ["${index}:1"] }`).join('\n')}`,
    ],
    ['files that include themselves', `include: [${Array(200).fill('compose.yaml').join(', ')}]\nservices: { a: { image: x } }`],
    ['open brackets', `services: ${fill('[')}`],
    ['indentation', `services:\n${Array.from({ length: 1400 }, (_, index) => `${' '.repeat(index)}a:`).join('\n')}`],
    ['a long environment', `${head}    environment:\n${Array.from({ length: SIZE / 20 }, (_, index) => `      A${index}: 1\n`).join('')}`],
  ])(
    '%s, a megabyte of it',
    async (_, text) => expect(await effortOf(() => readFolder(compose, new Map([['compose.yaml', text]])))).toBeLessThan(20_000),
    60_000,
  )

  test('M1 · what is beside damage is still seen', async () => {
    const evidence = await read(new Map([['compose.yaml', 'services:\n  a: { image: x, ports: ["80:80"] }\n  b: { image: "y\n']]))
    expect(evidenceOf(evidence, 'compose-service').map(({ claim }) => claim.published.length)).toContain(1)
    expect(evidenceOf(evidence, 'gap').length).toBeGreaterThan(0)
  })
})
