import type { Snapshot } from './system.ts'
import type { Node } from './tree.ts'
import { both, either, type Truth, undecided } from './truth.ts'

/** A load of a file of variables, as what stands around it is looked at. */
export interface LoadSite {
  /** The code that loads. */
  readonly code: string
  /** Whether what listens does so in this branch alone: then what leads to the branch says nothing of the load. */
  isShared(branch: Node): boolean
}

/**
 * What decides whether a node is come to once what stands around it runs, up to its module or to where `isOwner` holds. `entered`: whether a
 * part of a statement or expression is come to once the whole is.
 */
export function reachedWithin(
  node: Node,
  load: LoadSite,
  isOwner: (node: Node) => boolean,
  entered: (inner: Node, outer: Node) => Truth,
): Truth {
  let found: Truth = true
  for (let inner = node, outer = node.parent; outer !== undefined; inner = outer, outer = outer.parent) {
    if (isOwner(inner) || load.isShared(inner)) return found
    const [from, within] = [inner, outer]
    found = both(entered(from, within), () => found)
  }
  return found
}

/** Files that tell a container, and that have no variables. */
const CONTAINER = /\.(?:docker|container)env/

/** Whether code names a file of variables, or the file that is loaded. */
export function namesLoadedFile(code: string, load: LoadSite): boolean {
  return !CONTAINER.test(code) && (/env/i.test(code) || (code !== '' && load.code.includes(code)))
}

/** Whether the folder has no file of a name that may begin with `./`. */
export function isMissing(name: string, { paths }: Snapshot): boolean {
  return !paths.has(name.replace(/^(?:\.\/)+/, ''))
}

/** What one language tells of the conditions that a line stands under; as in `Language`. */
interface Language {
  ownerOf(node: Node): Node | undefined
  reached(node: Node, load: LoadSite): Truth
  startsOf(owner: Node): readonly Node[] | 'nobody' | undefined
  loadOf(load: Node): Node
}

/** Loads of one folder whose surroundings are looked at, and calls deep that it is asked whether one is done. */
const LOADS = 200
const DEPTH = 12

/** Whether the loads of one folder are done, by the conditions that they and the calls which lead to them stand under. */
export class LoadConditions {
  readonly #language: Language
  #left = LOADS

  constructor(language: Language) {
    this.#language = language
  }

  /** `listening`: the lines that listen in the programs which come to the load. */
  isDone(node: Node, listening: readonly Node[]): Truth {
    const whole = this.#language.loadOf(node)
    if (this.#left-- <= 0) return undecided(whole.origin)
    const isShared = (branch: Node): boolean => listening.length > 0 && listening.every((one) => one.within(branch))
    return this.#run(whole, { code: whole.content, isShared }, listening, new Map(), DEPTH)
  }

  #run(node: Node, load: LoadSite, listening: readonly Node[], known: Map<Node, Truth>, depth: number): Truth {
    const owner = this.#language.ownerOf(node)
    const isReached = this.#language.reached(node, load)
    return owner === undefined ? isReached : both(isReached, () => this.#started(owner, load, listening, known, depth))
  }

  /** Whether an owner is run at all. Who cannot be told to start it is taken to. */
  #started(owner: Node, load: LoadSite, listening: readonly Node[], known: Map<Node, Truth>, depth: number): Truth {
    const before = known.get(owner)
    if (before !== undefined) return before
    if (depth === 0) return undecided(owner.origin)
    const starts = load.isShared(owner) ? undefined : this.#language.startsOf(owner)
    if (starts === undefined) return true
    // What is started from elsewhere starts what listens as well.
    if (starts === 'nobody') return listening.some((one) => this.#leadsTo(owner, one, DEPTH)) || undecided(owner.origin)
    // While it is asked, what leads back to it starts nothing.
    known.set(owner, false)
    let found: Truth = false
    for (const call of starts) found = either(found, () => this.#run(call, load, listening, known, depth - 1))
    known.set(owner, found)
    return found
  }

  /** Whether a line runs because the owner does. */
  #leadsTo(owner: Node, node: Node, depth: number): boolean {
    const own = this.#language.ownerOf(node)
    if (own === undefined || depth === 0) return false
    if (own === owner) return true
    const starts = this.#language.startsOf(own)
    return starts !== undefined && starts !== 'nobody' && starts.slice(0, 4).some((call) => this.#leadsTo(owner, call, depth - 1))
  }
}
