import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `<!-- picture: ARGUMENTS | LINES -->`, and the code block that follows it. */
const PICTURE = /(<!-- picture: ([^|]+) \| (\d+) -->\n\n)```console\n[^]*?```/g

/** README.md with its terminal pictures taken anew: what the command really prints, cut after so many lines. */
export function readmePage(): string {
  return readFileSync(join(root, 'README.md'), 'utf8').replace(PICTURE, (_, marker: string, words: string, lines: string) => {
    const args = ['--conditions=source', '--import', 'tsx', 'packages/cli/src/main.ts', ...words.trim().split(' ')]
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
    if (stderr !== '') throw new Error(`sallyport ${words}: ${stderr}`)
    const all = stdout.trimEnd().split('\n')
    const kept = all.slice(0, Number(lines))
    const cut = all.length > kept.length ? ['  …', ...all.slice(all.findLastIndex((line) => line.startsWith('Score ')))] : []
    return `${marker}\`\`\`console\n$ sallyport ${words.trim()}\n${[...kept, ...cut].join('\n')}\n\`\`\``
  })
}
