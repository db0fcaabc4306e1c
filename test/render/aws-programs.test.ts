import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { goldenCases } from '../../packages/core/test/reader.ts'
import { policyOf, writerOf } from './written.ts'

const folder = mkdtempSync(join(tmpdir(), 'sallyport-aws-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What is written for the policies of a golden file, as far as something is. */
async function texts(system: string): Promise<readonly { readonly title: string; readonly text: string }[]> {
  const writer = await writerOf(system)
  return goldenCases(readFileSync(new URL(`golden/${system}.golden`, import.meta.url), 'utf8')).flatMap(({ title, files }) => {
    const policy = policyOf(files.get('sallyport.yaml') ?? '')
    const there = files.get('there')
    const made = there === undefined ? writer.write(policy, {}) : writer.plan?.(policy, there, {})
    return made?.kind === 'written' ? [{ title, text: made.files[0]?.text ?? '' }] : []
  })
}

function run(program: string, args: readonly string[], input: string) {
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8', env: { ...process.env, CHECKPOINT_DISABLE: '1' } })
  return { status, stdout, stderr }
}

/** Neither comes with Debian or npm: where they are, they are asked; where not, that is said, and the other parsers have to do. */
function describeWith(program: string, tests: () => void): void {
  if (spawnSync(program, ['--version']).error === undefined) describe(`by ${program}`, tests)
  else process.stderr.write(`not asked: ${program}, which is not installed\n`)
}

const [terraform, cloudformation, commands] = await Promise.all([texts('terraform'), texts('cloudformation'), texts('aws-cli')])

describe('by bash', () => {
  it.each(commands)('the commands are a script: $title', ({ text }) => {
    expect(run('bash', ['-n'], text)).toMatchObject({ status: 0, stderr: '' })
  })
})

describeWith('terraform', () => {
  it.each(terraform)('is in the style of terraform fmt: $title', ({ text }) => {
    expect(run('terraform', ['fmt', '-no-color', '-'], text)).toMatchObject({ status: 0, stdout: text })
  })
})

describeWith('cfn-lint', () => {
  it('I1, I10, I11 · the templates keep to the schemas of their resources', () => {
    const paths = cloudformation.map(({ text }, index) => {
      const path = join(folder, `${index}.yaml`)
      writeFileSync(path, text)
      return path
    })
    expect(run('cfn-lint', ['--regions', 'eu-central-1', '--', ...paths], '')).toMatchObject({ status: 0, stdout: '' })
  })
})
