/**
 * Whether a configuration's regex matches. The expressions are PCRE and may come from a hostile file, so that reach itself runs
 * none: `undefined` is "not known", and both outcomes stay possible. A caller that may run them hands in its own.
 */
export type RegexMatcher = (pattern: string, caseSensitive: boolean, text: string) => boolean | undefined

export const OPAQUE: RegexMatcher = () => undefined

/** What is chosen; `several` where a regex or a value from outside decides, all candidates being possible. */
export type Selection<T> =
  | { readonly kind: 'one'; readonly chosen: T }
  | { readonly kind: 'several'; readonly candidates: readonly T[]; readonly reason: string }

export function selection<T>(candidates: readonly T[], reason: string): Selection<T> {
  const distinct = [...new Set(candidates)]
  const [first] = distinct
  return distinct.length === 1 && first !== undefined ? { kind: 'one', chosen: first } : { kind: 'several', candidates: distinct, reason }
}
