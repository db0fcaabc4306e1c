import type { Action } from '../../evidence/index.ts'
import type { State } from './state.ts'

/** The state after the rule has set a mark: `(mark & ~clear) ^ toggle`, in unsigned 32 bits. */
export function setMark(state: State, { of, clear, toggle }: Extract<Action, { kind: 'set-mark' }>): State {
  // The connection's mark belongs to an entry of the connection table; without one the rule does nothing.
  const touchesConnection = of === 'connection' || (typeof toggle !== 'number' && toggle.of === 'connection')
  if (touchesConnection && (state.tracking === 'before' || state.tracking === 'untracked')) return state
  const old = of === 'packet' ? state.packetMark : state.connectionMark
  const change = typeof toggle === 'number' ? toggle : masked(toggle.of === 'packet' ? state.packetMark : state.connectionMark, toggle.mask)
  const kept = masked(old, ~clear)
  const mark = kept === undefined || change === undefined || state.tracking === 'unclear' ? undefined : (kept ^ change) >>> 0
  return of === 'packet' ? { ...state, packetMark: mark } : { ...state, connectionMark: mark }
}

/** Known where no bit of it depends on an unknown mark. */
function masked(mark: number | undefined, mask: number): number | undefined {
  if (mask >>> 0 === 0) return 0
  return mark === undefined ? undefined : (mark & mask) >>> 0
}
