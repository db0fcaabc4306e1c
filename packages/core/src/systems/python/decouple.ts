import type { Value } from '../../evidence/index.ts'
import type { Tree } from '../data/index.ts'
import { directoryOf } from '../paths.ts'
import { argumentsOf } from './call-arguments.ts'
import { treeThing } from './data.ts'
import type { Evaluator } from './evaluator.ts'
import { fileNamed } from './data-files.ts'
import type { Project } from './project.ts'
import { type Thing, valueOf } from './thing.ts'

type External = Extract<Thing, { readonly kind: 'external' }>

/** The files that decouple reads (github.com/HBNetwork/python-decouple, "Where is the settings data stored?"), nearest first; of one directory the INI file. */
const FILES = ['settings.ini', '.env'] as const

/** The file that decouple finds from a source file: in its directory, else in one above it. */
export function decoupleFile(project: Project, from: string): string | undefined {
  const { paths } = project.snapshot
  for (let directory = directoryOf(from); ; directory = directoryOf(directory)) {
    const found = FILES.map((name) => (directory === '' ? name : `${directory}/${name}`)).find((path) => paths.has(path))
    if (found !== undefined || directory === '') return found
  }
}

/** What `config("NAME")` finds in an INI file; those of variables are loaded into the environment. */
export function decoupleSetting(evaluator: Evaluator, callee: External, name: string): Value | undefined {
  const path = /^decouple\.(?:config|AutoConfig\(\))$/.test(callee.name)
    ? decoupleFile(evaluator.project, callee.origin.path)
    : repositoryFile(evaluator, callee)
  const tree = path?.endsWith('.ini') === true ? evaluator.project.data(path, 'ini') : undefined
  const section = tree?.kind === 'mapping' ? tree.entries.get('settings')?.value : undefined
  const found = section === undefined ? undefined : optionOf(section, name)
  return found === undefined ? undefined : valueOf(treeThing(found), callee.origin)
}

/** `Config(RepositoryIni("app.ini"))`. */
function repositoryFile(evaluator: Evaluator, { call }: External): string | undefined {
  const [repository] = call === undefined ? [] : argumentsOf(call.node, call.frame).positional
  const thing = repository === undefined ? undefined : evaluator.evaluate(repository)
  if (thing?.kind !== 'external' || thing.name !== 'decouple.RepositoryIni()' || thing.call === undefined) return undefined
  const [path] = argumentsOf(thing.call.node, thing.call.frame).positional
  return path === undefined ? undefined : fileNamed(evaluator, path)
}

function optionOf(section: Tree, name: string): Tree | undefined {
  if (section.kind !== 'mapping') return undefined
  return [...section.entries].find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1].value
}
