import { entries, type Json } from '../../json.ts'

const OBJECT = ['family', 'name', 'handle', 'comment'] as const
const SET = [
  ...OBJECT,
  ...['table', 'type', 'typeof', 'policy', 'flags', 'elem', 'timeout', 'gc-interval', 'size', 'count', 'auto-merge', 'stmt', 'map', 'desc'],
] as const
const TRANSLATION = ['addr', 'port', 'family', 'flags', 'type_flags'] as const

/**
 * The keys of what is read, libnftables-json(5) and src/json.c of nftables. A later release that says more of an object says it under a key
 * that is not here: `"tunnel": "vxlan"` makes of a port one that is within a tunnel (nftables 1.0.7). What then is meant, is not known.
 */
const KEYS = {
  table: [...OBJECT, 'flags'],
  chain: [...OBJECT, 'table', 'newname', 'type', 'hook', 'prio', 'dev', 'policy'],
  rule: ['family', 'table', 'chain', 'handle', 'index', 'position', 'comment', 'expr'],
  set: SET,
  map: SET,
  limit: [...OBJECT, 'table', 'rate', 'rate_unit', 'per', 'burst', 'burst_unit', 'unit', 'inv'],
  quota: [...OBJECT, 'table', 'bytes', 'val', 'val_unit', 'used', 'used_unit', 'inv'],
  elem: ['val', 'timeout', 'expires', 'comment', 'counter', 'limit', 'quota', 'ct count', 'last'],
  match: ['op', 'left', 'right'],
  payload: ['protocol', 'field', 'base', 'offset', 'len'],
  meta: ['key'],
  ct: ['key', 'family', 'dir'],
  fib: ['result', 'flags'],
  jump: ['target'],
  goto: ['target'],
  dnat: TRANSLATION,
  snat: TRANSLATION,
  redirect: TRANSLATION,
  masquerade: TRANSLATION,
  tproxy: TRANSLATION,
} as const satisfies Readonly<Record<string, readonly string[]>>

/** The first key of the object that is not known of its kind. `undefined`: all are. */
export function strangeKey(kind: keyof typeof KEYS, body: Json | undefined): string | undefined {
  const known: readonly string[] = KEYS[kind]
  return entries(body ?? null).find(([key]) => !known.includes(key))?.[0]
}
