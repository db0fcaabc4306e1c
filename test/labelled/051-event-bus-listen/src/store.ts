export function createStore<T extends object>(initial: T) {
  const listeners = new Set<(state: T) => void>()
  let state = initial
  return {
    listen(listener: (state: T) => void) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set(patch: Partial<T>) {
      state = { ...state, ...patch }
      for (const listener of listeners) listener(state)
    },
  }
}
