import { describe, expect, it } from 'vitest'
import { goldenFile } from '../../packages/core/test/reader.ts'
import { policyOf, writerOf } from './written.ts'

/** `#### title`, `=== sallyport.yaml`, perhaps `=== there` with what describe-security-groups prints, `----`, and what is written. */
const SYSTEMS = ['terraform', 'cloudformation', 'aws-cli', 'diagram', 'mermaid']

async function written(system: string, files: ReadonlyMap<string, string>): Promise<string> {
  const writer = await writerOf(system)
  const policy = policyOf(files.get('sallyport.yaml') ?? '')
  const there = files.get('there')
  const plan = there === undefined ? undefined : writer.plan?.(policy, there, {})
  const made = plan ?? writer.write(policy, {})
  if (made.kind === 'refused') return `refused: ${made.why}\n${made.next}`
  const differences = plan?.kind === 'written' ? plan.differences.map((each) => `difference: ${JSON.stringify(each)}\n`) : []
  return [...made.notes.map((note) => `note: ${note}\n`), ...differences, ...made.files.map(({ text }) => `\n${text}`)].join('')
}

for (const system of SYSTEMS) {
  const path = new URL(`golden/${system}.golden`, import.meta.url).pathname
  const cases = await goldenFile(path, (files) => written(system, files))
  describe(`render ${system}`, () => {
    it.each(cases)('$title', ({ actual, expected }) => expect(actual).toBe(expected))
  })
}
