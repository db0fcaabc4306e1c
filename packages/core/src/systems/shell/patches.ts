import { knownText as text, type Value } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'

/** Files of one patch that are told. */
const FILES = 200

/** What a patch is read from: `patch -i FILE`, `patch ORIGINAL FILE`, `git apply FILE…`. */
export interface PatchCommand {
  readonly patches: readonly Value[]
  /** What it changes, whatever the patch says. */
  readonly original: Value | undefined
  /** Names that are left out at the beginning of each path; absent: all but the last, or those of the folder (patch(1), -p). */
  readonly strip: number | undefined
}

/** The words behind `patch`, or behind `git`; `undefined`: it applies no patch. */
export function patchCommand(program: string, words: readonly Value[]): PatchCommand | undefined {
  const operands = words.filter((word) => text(word)?.startsWith('-') !== true)
  const options = words.flatMap((word) => text(word) ?? [])
  const number = options.map((word) => /^(?:-p|--strip=)(\d{1,2})$/.exec(word)?.[1]).find((found) => found !== undefined)
  const strip = number === undefined ? undefined : Number(number)
  if (program === 'git') {
    const [command, ...patches] = operands
    return /^(?:apply|am)$/.test(text(command) ?? '') && !options.includes('--check')
      ? { patches, original: undefined, strip: strip ?? 1 }
      : undefined
  }
  if (options.includes('--dry-run')) return undefined
  const input = words.findIndex((word) => /^(?:-i|--input)$/.test(text(word) ?? ''))
  if (input >= 0) return { patches: words.slice(input + 1, input + 2), original: operands.find((word) => word !== words[input + 1]), strip }
  const [original, patch] = operands
  return { patches: patch === undefined ? [] : [patch], original, strip }
}

/** The paths that a patch changes, each as it may be meant, likeliest first (diff(1), unified format). */
export function pathsPatched({ content }: Passage, strip: number | undefined): readonly (readonly string[])[] {
  const found: (readonly string[])[] = []
  for (const [, path = ''] of content.matchAll(/^\+\+\+ ([^\t\r\n]{1,512})/gm)) {
    if (found.length >= FILES) break
    if (path === '/dev/null') continue
    const names = path.trim().split('/')
    found.push(
      strip === undefined
        ? [names.slice(1).join('/'), path, names.at(-1) ?? ''].filter((one) => one !== '')
        : [names.slice(strip).join('/')],
    )
  }
  return found
}
