/** The same function, which answers once for each pair: for sets that are one and the same wherever they are equal. */
export function oncePerPair<A extends object, B extends object, T extends object>(answer: (a: A, b: B) => T): (a: A, b: B) => T {
  const known = new WeakMap<A, WeakMap<B, T>>()
  return (a, b) => {
    const answers = known.get(a) ?? new WeakMap<B, T>()
    known.set(a, answers)
    const found = answers.get(b) ?? answer(a, b)
    answers.set(b, found)
    return found
  }
}
