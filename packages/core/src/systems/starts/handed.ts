import { knownText } from '../../evidence/index.ts'
import { isTelling } from '../package-json/npm-settings.ts'
import { joinPath } from '../paths.ts'
import { isQuiet } from '../quiet.ts'
import type { Start } from './start.ts'

/** What builds or looks at a file that it is given, and does not run it. */
const READS: ReadonlySet<string> = new Set(
  (
    'esbuild webpack webpack-cli rollup rolldown swc babel parcel ncc pkg tsc tsup tsdown vite vue-tsc microbundle unbuild rspack rsbuild ' +
    'eslint prettier biome oxlint standard xo stylelint knip madge depcheck jscodeshift flake8 pylint isort bandit black ruff mypy pyright ' +
    'jest vitest mocha ava tap jasmine karma cypress playwright pytest tox nox pyinstaller cython docker podman kubectl ssh'
  ).split(' '),
)

const FILE = /(?:^|\s)([\w./@-]{1,200}\.(?:[cm]?[jt]sx?|py))(?=\s|$)/g
const CONFIGURATION = /(?:^|[./-])(?:config|conf|setup|rc)\.\w+$/

/**
 * The files of the folder that a program of which nothing is known is handed by name: it may run them (`start-server-and-test 'node a.js'`),
 * which matters where a host or a port is set for it.
 */
export function handedTo({ words, reading, environment, workingDirectory = '' }: Start, paths: ReadonlySet<string>): readonly string[] {
  const { program } = reading
  if (program === undefined || isQuiet(program) || READS.has(program)) return []
  if (![...environment, ...reading.environment].some(([name]) => isTelling(name))) return []
  const named = words.slice(1, 200).flatMap((word) => {
    const text = knownText(word.text) ?? ''
    return text.length > 1000 ? [] : [...text.matchAll(FILE)].map((match) => match[1] ?? '')
  })
  const found = named.flatMap((path) => (CONFIGURATION.test(path) ? [] : (joinPath(workingDirectory, path) ?? [])))
  return [...new Set(found)].filter((path) => paths.has(path)).slice(0, 8)
}
