import type { FileOrigin, Value } from '../../evidence/index.ts'
import { type Passage, passageAt } from '../passage.ts'
import { written } from './sourcing.ts'

/** Commands of one call that are followed, and words of them. */
const COMMANDS = 32
const WORDS = 200
/** Options with a value of their own (parallel(1)). */
const VALUED =
  /^(?:-[jPnNLSaCdEIsM]|--(?:jobs|max-procs|max-args|max-replace-args|delay|timeout|retries|colsep|delimiter|arg-file|joblog|results|sshlogin|workdir|wd|halt|load|memfree|nice|tagstring|env|basefile|return|tempdir|tmpdir|block))$/
/** What no shell knows beforehand. */
const OPEN = '$(:)'

/** The commands of `parallel COMMAND ::: WORD…` and `parallel ::: COMMAND…`, as the shells read them that it starts. */
export function parallelScripts(values: readonly Value[], origin: FileOrigin): readonly Passage[] {
  const words = values.slice(0, WORDS).map(written)
  let from = 0
  for (; words[from]?.startsWith('-') === true && words[from] !== '--'; from++) if (VALUED.test(words[from] ?? '')) from++
  const at = words.findIndex((word, index) => index >= from && /^:::\+?$|^--$/.test(word))
  if (at < 0) return []
  const template = words.slice(from, at).join(' ')
  const next = words.findIndex((word, index) => index > at && /^::::?\+?$/.test(word))
  const others = next >= 0
  const given = words.slice(at + 1, others ? next : undefined)
  const scripts = given.slice(0, COMMANDS).map((word) => {
    if (template === '') return word
    // Of several lists each command has a word of each.
    const put = others ? OPEN : word.includes(OPEN) ? word : `'${word.replaceAll("'", "'\\''")}'`
    return template.includes('{') ? template.replace(/\{(?:\d{1,3}|[./]{0,3})\}/g, () => put) : `${template} ${put}`
  })
  return scripts.map((script) => passageAt(script, origin))
}
