import { type FileOrigin, show, type Text, type Value } from '../../evidence/index.ts'
import { directoryOf, joinPath } from '../paths.ts'
import type { Starts } from '../starts/index.ts'
import { entriesOf, entry, itemsOf, originOf, readYaml, textOf, type Tree } from '../yaml.ts'
import { insideOf } from './inline.ts'
import { type KubernetesObject, objectsOf } from './objects.ts'
import { merged, withOperations, type Work } from './patch.ts'
import { identityOf, isChosen } from './selector.ts'

/** The names under which kustomize looks for its file. */
export const KUSTOMIZATION = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/
const NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const

/** Kustomizations of one folder, patches of one of them, and objects of all of them together. */
const MOST_FILES = 2000
const MOST_PATCHES = 500
const MOST_OBJECTS = 20_000
/** Entries that patches may copy. */
const WORK = 2_000_000
/** How deep kustomizations are built on one another. */
const DEPTH = 32

/** What of a patch opens a port of a node, or closes one. */
const OPENS = /\b(?:hostPort|hostNetwork|hostIP|nodePort|NodePort|LoadBalancer)\b/
/** What makes or changes objects in ways that are not followed. */
const NOT_FOLLOWED = ['helmCharts', 'helmChartInflationGenerator', 'generators', 'transformers'] as const

interface Patch {
  readonly text: string
  readonly documents: readonly Tree[] | undefined
  readonly target: Tree | undefined
  /** The file that it stands in alone. */
  readonly file?: string
  readonly origin: FileOrigin
}

/** Objects as `kubectl apply -k` makes them: those of the resources, after the patches (kubectl.docs.kubernetes.io/references/kustomize/kustomization). */
export class Kustomizations {
  /** Files whose objects, or patches, are told with the kustomizations that take them up. */
  readonly used = new Set<string>()
  readonly #starts: Starts
  readonly #made = new Map<string, readonly KubernetesObject[]>()
  readonly #open = new Set<string>()
  readonly #work: Work = { left: WORK }
  #left = MOST_OBJECTS

  constructor(starts: Starts) {
    this.#starts = starts
  }

  /** Of each kustomization that no other is built on. */
  objects(): readonly KubernetesObject[] {
    const files = [...this.#starts.snapshot.paths].filter((path) => KUSTOMIZATION.test(path)).slice(0, MOST_FILES)
    const built = new Set(
      files.flatMap((path) => ['resources', 'bases', 'components'].flatMap((key) => this.#named(path, key).map(({ file }) => file))),
    )
    return files.flatMap((path) => (built.has(path) || this.#isComponent(path) ? [] : this.#objectsOf(path, 0)))
  }

  #document(path: string): Tree | undefined {
    const text = this.#starts.text(path)
    return text === undefined ? undefined : documentOf(text)
  }

  #isComponent(path: string): boolean {
    return textOf(entry(this.#document(path), 'kind')) === 'Component'
  }

  /** The files that an entry of a kustomization lists, a directory by the kustomization in it. */
  #named(path: string, key: string): readonly { readonly file: string | undefined; readonly item: Tree }[] {
    const { paths } = this.#starts.snapshot
    return itemsOf(entry(this.#document(path), key)).map((item) => {
      const found = joinPath(directoryOf(path), textOf(item) ?? '')
      const inside = NAMES.map((name) => (found === undefined ? '' : joinPath(found, name))).find((name) => paths.has(name ?? ''))
      return { file: found !== undefined && paths.has(found) ? found : inside, item }
    })
  }

  #objectsOf(path: string, depth: number): readonly KubernetesObject[] {
    const before = this.#made.get(path)
    if (before !== undefined) return before
    if (this.#open.has(path) || depth > DEPTH) return []
    this.#open.add(path)
    const resources = ['resources', 'bases'].flatMap((key) => this.#resources(path, key, depth))
    const made = this.#changed(path, resources, depth)
    this.#open.delete(path)
    this.#made.set(path, made)
    return made
  }

  /** The objects that a kustomization, or a component of one, makes of those that are there. */
  #changed(path: string, given: readonly KubernetesObject[], depth: number): readonly KubernetesObject[] {
    this.used.add(path)
    // Diamonds of components could be gone through again and again.
    this.#left -= given.length + 1
    if (this.#left < 0) {
      this.#starts.problem(`only the first ${MOST_OBJECTS} objects of kustomizations were looked at`, this.#origin(path))
      return []
    }
    const document = this.#document(path)
    for (const key of NOT_FOLLOWED) {
      const found = entriesOf(document).get(key)
      if (found !== undefined) this.#starts.problem(`what \`${key}\` makes or changes is not followed`, originOf(found.value))
    }
    let objects = given
    for (const { file } of this.#named(path, 'components')) {
      if (file === undefined || depth > DEPTH || this.#open.has(file)) continue
      this.#open.add(file)
      objects = this.#changed(file, [...objects, ...this.#resources(file, 'resources', depth)], depth + 1)
      this.#open.delete(file)
    }
    const patches = this.#patches(path, document)
    const left = patches[MOST_PATCHES]
    if (left !== undefined) this.#starts.problem(`only the first ${MOST_PATCHES} patches were applied`, left.origin)
    return patches.slice(0, MOST_PATCHES).reduce((before, patch) => this.#patched(before, patch), objects)
  }

  #resources(path: string, key: string, depth: number): readonly KubernetesObject[] {
    const seen = new Set<string>()
    return this.#named(path, key).flatMap(({ file, item }): readonly KubernetesObject[] => {
      if (file === undefined) {
        const what = `what ${show(textOf(item) ?? 'a resource', 80)} has is not in the folder`
        this.#starts.problem(what, originOf(item), { kind: 'nothing' })
        return []
      }
      if (seen.has(file)) return []
      seen.add(file)
      if (KUSTOMIZATION.test(file)) return this.#objectsOf(file, depth + 1)
      const text = this.#starts.text(file)
      this.used.add(file)
      return text === undefined ? [] : objectsOf(text, this.#starts).map((tree) => ({ tree }))
    })
  }

  #patches(path: string, document: Tree | undefined): readonly Patch[] {
    return [
      ...['patches', 'patchesJson6902'].flatMap((key) =>
        itemsOf(entry(document, key)).map((item) => this.#patchOf(path, entry(item, 'patch') ?? entry(item, 'path'), item)),
      ),
      ...itemsOf(entry(document, 'patchesStrategicMerge')).map((item) => this.#patchOf(path, item, undefined)),
    ]
  }

  /** `item`: with `patch` or `path`, and a `target`. Without one a text of several lines is the patch itself, and another one its file. */
  #patchOf(path: string, given: Tree | undefined, item: Tree | undefined): Patch {
    const target = entry(item, 'target')
    const whole = given ?? item
    const origin = whole === undefined ? this.#origin(path) : originOf(whole)
    const isInline = given !== undefined && (item === undefined ? /\n/.test(textOf(given) ?? '') : entry(item, 'patch') === given)
    if (isInline && given.kind === 'scalar') return { text: given.value, documents: insideOf(given), target, origin }
    const file = joinPath(directoryOf(path), textOf(given) ?? '')
    const text = file === undefined ? undefined : this.#starts.text(file)
    if (file === undefined || text === undefined) return { text: 'nodePort', documents: undefined, target, origin }
    return { text: text.content, documents: readYaml(text).documents, target, origin, file }
  }

  #patched(objects: readonly KubernetesObject[], patch: Patch): readonly KubernetesObject[] {
    const { documents, target, origin, text, file } = patch
    if (documents === undefined) return this.#doubted(objects, target, origin)
    const opens = OPENS.test(text)
    const matters = opens || /\bports?\b|\/spec"?$/m.test(text)
    return documents.reduce((before, document) => {
      const isOperations = document.kind === 'list'
      const selector = target ?? (isOperations ? undefined : identityOf(document))
      let isMet = false
      let isFollowed = true
      const after = before.map((object): KubernetesObject => {
        const chosen = selector === undefined ? 'maybe' : isChosen(object.tree, selector)
        if (chosen === 'no') return object
        isMet = true
        const tree =
          chosen === 'maybe'
            ? undefined
            : isOperations
              ? withOperations(object.tree, document.items, this.#work)
              : merged(object.tree, document, this.#work)
        if (tree === undefined && !matters) return object
        isFollowed &&= tree !== undefined
        return tree === undefined ? { ...object, doubt: unknown(origin) } : { ...object, tree }
      })
      if (isMet && isFollowed && file !== undefined) this.used.add(file)
      if (!isFollowed) this.#starts.problem(NOT_APPLIED, origin)
      else if (!isMet && opens) this.#starts.problem('what this patch changes is not in the folder', origin)
      return after
    }, objects)
  }

  /** A patch that cannot be read may change anything of what it is for. */
  #doubted(objects: readonly KubernetesObject[], target: Tree | undefined, origin: FileOrigin): readonly KubernetesObject[] {
    this.#starts.problem(NOT_APPLIED, origin)
    return objects.map((object) =>
      target !== undefined && isChosen(object.tree, target) === 'no' ? object : { ...object, doubt: unknown(origin) },
    )
  }

  #origin(path: string): FileOrigin {
    return this.#starts.text(path)?.origin(0, 0) ?? { kind: 'file', path, span: START, line: show('') }
  }
}

const START = { start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 1, offset: 0 } }
const NOT_APPLIED = 'what this patch changes is not understood'

const unknown = (origin: FileOrigin): Value => ({ kind: 'unknown', reason: 'a patch that is not understood may change it', origin })

const DOCUMENTS = new WeakMap<Text, Tree | null>()

function documentOf(text: Text): Tree | undefined {
  const before = DOCUMENTS.get(text)
  if (before !== undefined) return before ?? undefined
  const [found] = readYaml(text).documents
  DOCUMENTS.set(text, found ?? null)
  return found
}
