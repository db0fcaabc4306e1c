import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** `<!-- picture: ARGUMENTS | LINES -->`, and the code block that follows it. */
const PICTURE = /(<!-- picture: ([^|]+) \| (\d+) -->\n\n)```console\n[^]*?```/g

/** `<!-- file: PATH -->`, and the code block that follows it. */
const FILE = /(<!-- file: (\S+) -->\n\n```\w+\n)[^]*?```/g

/** So wide a page of GitHub's is, in columns of code. */
const COLUMNS = '100'

/** README.md with its pictures taken anew: what the command really prints, cut after so many lines, and the files as they are. */
export function readmePage(): string {
  return readFileSync(join(root, 'README.md'), 'utf8')
    .replace(PICTURE, (_, marker: string, words: string, lines: string) => `${marker}${picture(words.trim(), Number(lines))}`)
    .replace(FILE, (_, marker: string, path: string) => `${marker}${readFileSync(join(root, path), 'utf8').trimEnd()}\n\`\`\``)
}

function picture(words: string, lines: number): string {
  const args = ['--conditions=source', '--import', 'tsx', 'packages/cli/src/main.ts', ...words.split(' ')]
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', env: { ...process.env, COLUMNS } })
  if (stderr !== '') throw new Error(`sallyport ${words}: ${stderr}`)
  const all = stdout.trimEnd().split('\n')
  const score = all.findLastIndex((line) => line.startsWith('Score '))
  const isWhole = all.length <= lines || (score >= 0 && score < lines)
  const shown = isWhole ? all : [...all.slice(0, lines), '  …', ...(score < 0 ? [] : all.slice(score))]
  return `\`\`\`console\n$ sallyport ${words}\n${shown.join('\n')}\n\`\`\``
}
