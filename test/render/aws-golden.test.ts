import { describe, expect, it } from 'vitest'
import { goldenFile } from '../../packages/core/test/reader.ts'
import { policyOf, writerOf } from './written.ts'

/** `#### title`, `=== sallyport.yaml`, perhaps `=== there` with what describe-security-groups prints, `----`, and what is written. */
const SYSTEMS = ['terraform', 'cloudformation', 'aws-cli', 'diagram', 'mermaid']

async function written(system: string, files: ReadonlyMap<string, string>): Promise<string> {
  const writer = await writerOf(system)
  const policy = policyOf(files.get('sallyport.yaml') ?? '')
  const there = files.get('there')
  const made = there === undefined ? writer.write(policy, {}) : writer.plan?.(policy, there, {})
  if (made === undefined) throw new Error(`${system} plans nothing`)
  if (made.kind === 'refused') return `refused: ${made.why}\n${made.next}`
  const differences = 'differences' in made ? made.differences.map((each) => `difference: ${JSON.stringify(each)}\n`) : []
  return [...made.notes.map((note) => `note: ${note}\n`), ...differences, ...made.files.map(({ text }) => `\n${text}`)].join('')
}

for (const system of SYSTEMS) {
  const path = new URL(`golden/${system}.golden`, import.meta.url).pathname
  const cases = await goldenFile(path, (files) => written(system, files))
  describe(`render ${system}`, () => {
    it.each(cases)('$title', ({ actual, expected }) => expect(actual).toBe(expected))
  })
}
