/** Work shorter than this needs no word. */
const PATIENCE_MS = 500

/** Says on stderr, on a terminal only, what takes so long; call the result when it is done. */
export function progress(what: string): () => void {
  if (!process.stderr.isTTY) return () => {}
  let shown = false
  const timer = setTimeout(() => {
    shown = true
    process.stderr.write(`${what}…`)
  }, PATIENCE_MS)
  return () => {
    clearTimeout(timer)
    if (shown) process.stderr.write('\r\u001b[K')
  }
}
