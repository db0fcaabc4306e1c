import { type Evidence, Text } from '../../../evidence/index.ts'
import { directoryOf, inFolder, joinPath } from '../../paths.ts'
import { evidenceIn, type Reader, type Snapshot } from '../../system.ts'
import { type NftTextReading, readNftText } from '../nft/text/index.ts'
import { gapOfFile, onMachine } from './file.ts'

/**
 * Files in nft's own language, each with what it includes: as the rules that the file makes of none. Those that others include count with
 * them alone.
 */
export const nftablesReader: Reader = {
  read(snapshot) {
    const found = snapshot.matched.toSorted().flatMap((path): readonly Found[] => {
      const state = snapshot.file(path)
      return state?.kind === 'text' ? [readFile(new Text(path, state.text), snapshot)] : []
    })
    const needs = found.flatMap(({ reading }) => reading.needs)
    const globs = found.flatMap(({ reading }) => reading.globs)
    if (needs.length + globs.length > 0) return { evidence: [], needs: [...new Set(needs)], globs: [...new Set(globs)] }
    return { evidence: mainFiles(found).flatMap((file) => evidenceOfFile(file, snapshot)), needs: [], globs: [] }
  },
}

interface Found {
  readonly text: Text
  readonly reading: NftTextReading
}

function readFile(text: Text, snapshot: Snapshot): Found {
  const reading = readNftText(text, {
    file: (path) => snapshot.file(path),
    glob: (pattern) => snapshot.glob(pattern),
    resolve: (what, within) => (onMachine(text.path) ? ofMachine(what) : ofFolder(what, within, snapshot.paths)),
  })
  return { text, reading }
}

/** Where nft was built to look; `./` is where it was called, which at boot is the root (systemd.exec(5), `WorkingDirectory=`). */
function ofMachine(what: string): string | undefined {
  return joinPath(/^\.\.?\//.test(what) ? '/' : '/etc', what)
}

/** In a folder that holds the files of some machine, not of this one: in a directory around the file, at the end of the path. */
function ofFolder(what: string, within: string, paths: ReadonlySet<string>): string | undefined {
  if (!what.startsWith('/')) return joinPath(directoryOf(within), what)
  const wild = what.search(/[^/]*[*?[]/)
  const fixed = wild < 0 ? what : what.slice(0, wild)
  const there = wild < 0 ? paths : new Set(Array.from(paths, directoryOf))
  for (let directory = directoryOf(within); ; directory = directoryOf(directory)) {
    const at = (path: string): string => (directory === '' ? path : `${directory}/${path}`)
    const found = inFolder(fixed, (path) => there.has(at(path)))[0]
    if (found !== undefined) return wild < 0 ? at(found) : `${at(found)}/${what.slice(wild)}`
    if (directory === '') return undefined
  }
}

/** Files that no other one includes; of a ring of files that include one another, the first. */
function mainFiles(found: readonly Found[]): readonly Found[] {
  const ever = new Set(found.flatMap(({ reading }) => reading.included))
  const main = found.filter(({ text }) => !ever.has(text.path))
  const reached = new Set(main.flatMap(({ reading }) => reading.included))
  for (const file of found) {
    if (!ever.has(file.text.path) || reached.has(file.text.path)) continue
    main.push(file)
    for (const path of file.reading.included) reached.add(path)
  }
  return main
}

function evidenceOfFile({ text, reading }: Found, { context }: Snapshot): readonly Evidence[] {
  return [
    evidenceIn(context, { claim: 'netfilter', ruleset: reading.ruleset }, text.origin(0, 0)),
    ...reading.gaps.map((gap) => gapOfFile(gap, text, context)),
  ]
}
