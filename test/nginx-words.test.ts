import { beforeAll, describe, expect, test } from 'vitest'
import { Source } from '../packages/core/src/systems/nginx/parse.ts'
import { mainFile, type RealResult, runReal, whyNot } from './nginx/real.ts'

const reason = whyNot()
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`nginx has to be tried, and cannot: ${reason}`)
if (reason !== undefined) console.warn(`skipped, words are not compared with nginx: ${reason}`)

const SEED = Number(process.env['SALLYPORT_SEED'] ?? 1)
const COUNT = Number(process.env['SALLYPORT_NGINX_WORDS'] ?? 2000)
const PIECES = [
  'a',
  'b',
  '"',
  "'",
  '\\',
  '{',
  '}',
  ';',
  '$',
  '#',
  't',
  'n',
  '\\"',
  '\\t',
  '\\n',
  '\\r',
  '${',
  ' ',
  '\t',
  '\n',
  ')',
  '=',
  '\\\\',
  '""',
  '~',
  '\\;',
  '\\ ',
]

/** A `geo` block takes a text as it stands, without variables, and a `return` gives it back: what nginx understood of each word can be read off the answer. */
describe.skipIf(reason !== undefined)('words as nginx reads them', () => {
  const texts = [...new Set(Array.from({ length: COUNT }, (_, index) => randomText(SEED * 7919 + index)))]
  const single = texts.flatMap((text) => {
    const word = onlyWord(text)
    return word === undefined ? [] : [{ text, word }]
  })
  const broken = texts.filter((text) => new Source('x', block(0, text)).problems.length > 0)
  let results: readonly RealResult[] = []
  beforeAll(() => {
    const geo = single.map(({ text }, index) => block(index, text)).join('\n')
    const locations = single.map((_, index) => `location = /${index} { return 200 "[$t${index}]"; }`).join('\n')
    const http = `variables_hash_max_size 65536; ${geo}\nserver { listen 8080; ${locations} }`
    const probes = single.map((_, index) => ({
      address: '127.0.0.1',
      port: 8080,
      request: `GET /${index} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    }))
    const alone = broken.map((text) => ({ files: new Map([['nginx.conf', mainFile(block(0, text))]]), probes: [] }))
    results = runReal([{ files: new Map([['nginx.conf', mainFile(http)]]), probes }, ...alone])
  }, 300_000)

  test(`${single.length} random words mean the same`, () => {
    const [together] = results
    if (together?.accepted !== true) throw new Error(`nginx refuses a word that is accepted here: ${together?.message}`)
    expect(single.length).toBeGreaterThan(COUNT / 20)
    const found = together.answers.map((raw) => raw.slice(raw.indexOf('\r\n\r\n') + 4).slice(1, -1))
    expect(found).toEqual(single.map(({ word }) => word))
  })

  test(`nginx refuses each of ${broken.length} texts that are reported as broken`, () => {
    expect(broken.length).toBeGreaterThan(COUNT / 20)
    expect(broken.filter((_, index) => results[index + 1]?.accepted !== false)).toEqual([])
  })
})

function block(index: number, text: string): string {
  return `geo $t${index} { default ${text}; }`
}

/** What the text is where it is exactly one word. */
function onlyWord(text: string): string | undefined {
  const { directives, problems } = new Source('x', block(0, text))
  const [geo] = directives
  const [entry] = geo?.block ?? []
  if (problems.length > 0 || directives.length !== 1 || geo?.block?.length !== 1 || entry?.words.length !== 1 || entry.block !== undefined)
    return undefined
  return entry.words[0]?.text
}

function randomText(seed: number): string {
  let state = Math.imul(seed + 1, 0x9e37_79b1) | 1
  const below = (limit: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
  for (let round = 0; round < 8; round++) below(2)
  const inner = Array.from({ length: 1 + below(6) }, () => PIECES[below(PIECES.length)] ?? '').join('')
  const quote = ['', '', '"', "'"][below(4)] ?? ''
  return quote + inner + quote
}
