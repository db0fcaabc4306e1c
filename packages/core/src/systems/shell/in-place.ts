import { knownText as text, type Value } from '../../evidence/index.ts'
import { type LineEdit, lineEditOf } from './substitute.ts'

const IN_PLACE = /^-[a-zA-Z0]*i|^--in-place/

/** What `sed -i SCRIPT FILE…` and `perl -pi -e SCRIPT FILE…` change, given the words behind the program; `undefined`: they change no file. */
export function editedInPlace(
  words: readonly Value[],
): { readonly edit: LineEdit | undefined; readonly files: readonly Value[] } | undefined {
  if (!words.some((word) => IN_PLACE.test(text(word) ?? ''))) return undefined
  const { scripts, files } = scriptsAndFiles(words)
  return { edit: lineEditOf(scripts), files }
}

/** What changes the lines, and the files. */
function scriptsAndFiles(words: readonly Value[]): { readonly scripts: readonly Value[]; readonly files: readonly Value[] } {
  const scripts: Value[] = []
  const files: Value[] = []
  let isOpen = false
  for (let index = 0; index < words.length; index++) {
    const word = words[index]
    const option = text(word)
    if (word === undefined || option === '') continue
    if (option?.startsWith('-') !== true) {
      files.push(word)
      continue
    }
    if (/^-(?:[a-zA-Z0]*[eE]|-expression)$/.test(option) && !/^-[Er]+$/.test(option)) {
      const script = words[++index]
      if (script !== undefined) scripts.push(script)
    } else if (/^-[a-z]*f|^--(?:file|expression)/.test(option)) isOpen = true
  }
  if (isOpen) return { scripts: [], files }
  const [script, ...others] = files
  return scripts.length > 0 || script === undefined ? { scripts, files } : { scripts: [script], files: others }
}
