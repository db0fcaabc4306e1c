/**
 * Whether a file is of a function that Supabase's edge runtime serves (supabase.com/docs/guides/functions: `supabase/functions/NAME`): its
 * requests come from the gateway before it, and what it listens with binds nothing. Started by itself it is a server as any other.
 */
export function isEdgeFunction(path: string): boolean {
  return EDGE_FUNCTION.test(path)
}

const EDGE_FUNCTION = /(?:^|\/)supabase\/functions\/[^/]+\//
