import { type Diagnostic, Diagnostics } from './diagnostic.ts'
import { type FileInput, loadFiles, type PolicyFile } from './files.ts'
import { code, quoted } from './found.ts'
import { faultsOf, reportFaults } from './issues.ts'
import { joinFiles } from './join.ts'
import { layOver, without } from './merge.ts'
import { child, isMap, type Place, Places, type TreeMap } from './places.ts'
import type { Policy } from './policy.ts'
import { resolvePolicy } from './resolve.ts'
import { fileSchema, mergedSchema, OVERLAY_KEYS, remainderSchema } from './schema.ts'
import { Scope } from './scope.ts'
import { suggest } from './suggest.ts'

/** Every environment is resolved and checked, so their number is bounded. */
const MOST_ENVIRONMENTS = 20

export interface PolicyInput {
  /** Path → text of the policy files that are there and could be read. */
  readonly files: ReadonlyMap<string, string>
  /** Include pattern, as `needs` gave it → the paths that match, sorted. */
  readonly globs?: ReadonlyMap<string, readonly string[]>
  readonly entry: string
  readonly environment?: string | undefined
}

export interface ParsedPolicy {
  /** Present when no diagnostic is an error. */
  readonly policy?: Policy
  /** All problems, of every environment, in the order of files and lines. */
  readonly diagnostics: readonly Diagnostic[]
  /**
   * Paths and patterns (`isGlob`) that the input lacks: add what can be read and looked up, and parse again. What is still
   * named when there is nothing more to add is missing, and the diagnostics say so.
   */
  readonly needs: readonly string[]
  /** The names of the policy's overlays. */
  readonly environments: readonly string[]
}

/** Reads a policy. Never throws, whatever the text; the same input gives the same answer. */
export function parsePolicy(input: PolicyInput): ParsedPolicy {
  const diagnostics = new Diagnostics()
  const places = new Places()
  const globs = input.globs ?? new Map<string, readonly string[]>()
  const { files, needs, complete } = loadFiles({ ...input, globs } satisfies FileInput, places, diagnostics)
  for (const file of files) {
    const { error } = fileSchema.safeParse(file.tree)
    if (error !== undefined) reportFaults(faultsOf(error.issues), fileSchema, file.tree, places, start(file), diagnostics)
  }
  const order = [...new Set([input.entry, ...files.map((file) => file.text.path)])]
  const [entry] = files
  if (!complete || entry === undefined) return { diagnostics: diagnostics.list(order), needs, environments: [] }

  const joined = joinFiles(files, places, diagnostics)
  const overlays = child(joined, 'environments')
  const environments = isMap(overlays) ? Object.keys(overlays) : []
  const place = places.key(joined, ['environments'], start(entry))
  checkEnvironment(input.environment, environments, place, diagnostics)
  const base = without(joined, [['environments'], ['include']], places)
  let policy: Policy | undefined
  for (const environment of environments.length === 0 ? [undefined] : environments.slice(0, MOST_ENVIRONMENTS)) {
    const overlay = environment === undefined ? undefined : child(overlays, environment)
    const tree = isMap(overlay) ? layOver(base, known(overlay, places), places) : base
    const resolved = resolveTree(tree, places, start(entry), diagnostics)
    const chosen = environment === undefined || environment === input.environment
    if (chosen && resolved !== undefined) policy = { ...resolved, environment: input.environment, files: order }
  }
  const list = diagnostics.list(order)
  return { ...(policy === undefined || diagnostics.hasErrors ? {} : { policy }), diagnostics: list, needs, environments }
}

function checkEnvironment(chosen: string | undefined, environments: readonly string[], place: Place, diagnostics: Diagnostics): void {
  if (environments.length > MOST_ENVIRONMENTS) {
    const message = `the policy has ${environments.length} environments; at most ${MOST_ENVIRONMENTS} are read`
    diagnostics.add(place, { code: 'too-large', message, hint: 'make several policies of it' })
  }
  if (environments.length === 0) {
    if (chosen === undefined) return
    const message = `the policy has no environments: ${quoted(chosen)} changes nothing in it`
    diagnostics.add(place, { code: 'environment-unused', message, hint: 'leave it out, or say under `environments:` what differs' })
    return
  }
  const names = environments.slice(0, MOST_ENVIRONMENTS).join(', ')
  if (chosen === undefined) {
    const hint = `name one with --environment or SALLYPORT_ENV: ${names}`
    diagnostics.add(place, { code: 'environment-required', message: 'the policy has environments, and none was chosen', hint })
  } else if (!environments.includes(chosen)) {
    const near = suggest(chosen, environments)
    const hint = near === undefined ? `choose one of ${names}` : `did you mean ${code(near)}?`
    diagnostics.add(place, { code: 'unknown-environment', message: `the policy has no environment ${quoted(chosen)}`, hint })
  }
}

/** Without the keys that only a file has; they are reported already. */
function known(overlay: TreeMap, places: Places): TreeMap {
  const strangers = Object.keys(overlay).filter((key) => !OVERLAY_KEYS.has(key))
  return without(
    overlay,
    strangers.map((key) => [key]),
    places,
  )
}

/** Resolves what is well formed, so that one mistake does not hide the others. `undefined`: nothing of it is. */
function resolveTree(
  written: TreeMap,
  places: Places,
  whole: Place,
  diagnostics: Diagnostics,
): Omit<Policy, 'files' | 'environment'> | undefined {
  const parsed = mergedSchema.safeParse(written)
  if (parsed.success) return resolvePolicy(parsed.data, new Scope(written, written, places, whole, diagnostics))
  let faults = faultsOf(parsed.error.issues)
  reportFaults(faults, mergedSchema, written, places, whole, diagnostics)
  let tree = written
  // Each round takes out more of what is faulty: the value itself, the key of the named thing, the named thing, the section.
  for (const depth of [Number.POSITIVE_INFINITY, 3, 2, 1]) {
    const paths = faults.map((fault) => fault.path.slice(0, depth))
    tree = without(tree, paths, places)
    const remainder = remainderSchema.safeParse(tree)
    if (remainder.success) return resolvePolicy(remainder.data, new Scope(written, tree, places, whole, diagnostics))
    faults = faultsOf(remainder.error.issues)
  }
  return undefined
}

function start(file: PolicyFile): Place {
  return { text: file.text, start: 0, end: file.text.line(1).length }
}
