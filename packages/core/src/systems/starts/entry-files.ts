import { knownText, type Setting } from '../../evidence/index.ts'
import { packageOf, sourcesOf, sourceTwins } from '../built.ts'
import { filesEnding, isBuilt } from '../deployed.ts'
import { nameOf } from '../paths.ts'
import { handedTo } from './handed.ts'
import type { Start, StartContext } from './start.ts'

/** A file with code, by its place on a machine; what packages install is none of the folder. */
const DEPLOYED_FILE = /^\/(?!usr\/(?:bin|sbin|share)\/)(?!.*\/(?:node_modules|site-packages)\/).{1,400}\.(?:[cm]?[jt]s|py|sh)$/
/** Files of code that readers follow. */
const SOURCE_FILE = /\.(?:[cm]?[jt]sx?|py)$/

/**
 * The starts of the files of the folder that one may be of whose own is not where it is looked for: nobody says from where the script is
 * called, or which directory of a machine the folder is. Where several have its name, what is set for it may be for each of them.
 */
export function startsByFile(start: Start, { inContainer, workingDirectory }: StartContext, paths: ReadonlySet<string>): readonly Start[] {
  const { entry, serves, script } = start.reading
  if (serves !== undefined || script !== undefined || (entry !== undefined && paths.has(entry))) return [start]
  if (inContainer === true || (entry !== undefined && isBuilt(entry))) return unbuilt(start, paths)
  const path =
    entry ?? nameOf(start.words.map(({ text }) => knownText(text)).find((word) => word !== undefined && DEPLOYED_FILE.test(word)) ?? '')
  const found = path === '' ? handedTo(start, paths) : filesEnding(path, paths)
  return found.length === 0
    ? unbuilt(start, paths)
    : startOfEach(start, path, found, found.length === 1 && entry !== undefined && workingDirectory === undefined)
}

/** A start of code that the folder does not have: of JavaScript it is one of what that is built from, and else of a file that is missing. */
function unbuilt(start: Start, paths: ReadonlySet<string>): readonly Start[] {
  const { entry } = start.reading
  if (entry === undefined || !SOURCE_FILE.test(entry) || sourceTwins(entry).some((path) => paths.has(path))) return [start]
  const isScripted = /\.[cm]?js$/.test(entry)
  const sources = isScripted ? sourcesOf(entry, paths) : undefined
  if (sources !== undefined && sources.paths.length > 0) return startOfEach(start, entry, sources.paths, sources.sure)
  return [{ ...start, ...(isScripted ? { builtOf: packageOf(entry, paths) } : {}), ...(isBuilt(entry) ? {} : { missing: true as const }) }]
}

/** The starts of these files that one of a file which is not there may be; where it is not sure, neither is what it sets. */
function startOfEach(start: Start, meant: string, files: readonly string[], isSure: boolean): readonly Start[] {
  const one = isSure ? start : { ...perhapsStarted(start), meant }
  return files.map((file) => ({ ...one, reading: { ...one.reading, entry: file } }))
}

/** A start of which it is not sure that it is one of this file: neither is what it sets. */
function perhapsStarted(start: Start): Start {
  const perhaps = (settings: ReadonlyMap<string, Setting>): ReadonlyMap<string, Setting> =>
    new Map(
      [...settings].map(([name, { value, origin }]): [string, Setting] => {
        if (value.kind === 'known' && /^\d+$/.test(String(value.value))) return [name, { value, origin }]
        const reason = 'which file of the folder this starts is not known'
        return [name, { value: { kind: 'choice', options: [value, { kind: 'unknown', reason, origin }], origin }, origin }]
      }),
    )
  const { reading, environment } = start
  return { ...start, environment: perhaps(environment), reading: { ...reading, arguments: perhaps(reading.arguments) }, certain: false }
}
