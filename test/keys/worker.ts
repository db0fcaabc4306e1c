// Bundled by keys-killed.test.ts: each line on stdin is one run of the command, `generate` or `rotate`; each is answered with `done` or `failed`.
import { createInterface } from 'node:readline'
import { generate, rotate } from '../../packages/cli/src/commands/keys.ts'

const folder = process.argv[2] ?? ''
const common = { folder, file: '.env', yes: true }

for await (const line of createInterface({ input: process.stdin })) {
  try {
    if (line === 'generate') await generate([], { ...common, example: '.env.example' })
    else await rotate([], { ...common, overlap: 0, incident: true, finish: false })
    process.stderr.write('\ndone\n')
  } catch (error) {
    process.stderr.write(`\nfailed ${error instanceof Error ? error.message : 'without a reason'}\n`)
  }
}
