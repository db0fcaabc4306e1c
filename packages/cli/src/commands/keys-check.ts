import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { printable } from '@sallyport/core/evidence'
import { EXIT } from '../exit.ts'
import { mistakeText } from '../failure.ts'
import { noFile } from '../keys/command.ts'
import { readKeyFile } from '../keys/file.ts'
import { keysOf } from '../keys/plan.ts'
import { type Problem, problemsOf } from '../keys/problems.ts'
import { folderAt } from './look.ts'
import { loadPolicy, type PolicyOptions } from './policy.ts'

export interface KeysCheckOptions extends PolicyOptions {
  readonly folder: string
  readonly file: string
  readonly example: string
  readonly format: 'text' | 'json'
}

/** `sallyport keys check` (M10, M16): what is wrong with the deployment's secrets; exit 1 where something is, 3 where only something was not seen. */
export async function check(options: KeysCheckOptions): Promise<number> {
  const folder = realpathSync(folderAt(options.folder, 'folder'))
  const policy = await loadPolicy(
    folder,
    options,
    (mistake) => void process.stderr.write(`${mistakeText(mistake, 'warning: ').join('\n')}\n`),
  )
  const text = readKeyFile(resolve(folder, options.file))
  const { problems, files } = await problemsOf({
    folder,
    file: options.file,
    place: options,
    text,
    example: readKeyFile(resolve(folder, options.example), '--example'),
    wanted: keysOf(policy),
    now: Date.now(),
  })
  // Nothing was asked of it that it could lack, so nothing was looked at: or in other files than the one that is named.
  if (text === undefined && !problems.some(({ problem }) => problem === 'missing')) {
    if (files.length === 0 || options.file !== '.env') throw noFile(folder, options)
    process.stderr.write(`note: there is no .env in ${printable(folder)}; ${printable(files.join(', '))} was looked at\n`)
  }
  process.stdout.write(
    options.format === 'json'
      ? `${JSON.stringify({ version: 1, problems }, null, 2)}\n`
      : problems.length === 0
        ? 'nothing is missing, weak, repeated or committed\n'
        : problems.map(problemText).join(''),
  )
  if (problems.some(({ problem }) => problem !== 'not-seen')) return EXIT.findings
  return problems.length === 0 ? EXIT.clean : EXIT.undecided
}

/** There is no value in it that could be hidden: what reads like one (`PASSWORD is short`) is what is said of it. */
function problemText({ place, message, fix }: Problem): string {
  return `${printable(place)}: ${printable(message)}\n  ${printable(fix)}\n`
}
