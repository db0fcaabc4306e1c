import type { Evidence, Launch } from '@sallyport/core/evidence'
import { beforeAll, describe, expect, test } from 'vitest'
import { readFolder } from '../packages/core/test/reader.ts'
import { systemd } from '../packages/core/src/systems/systemd/index.ts'
import { loadUnits, type RealUnit, whyNot } from './systemd/real.ts'

const reason = whyNot()
if (reason !== undefined && process.env['SALLYPORT_NO_SKIP'] === '1') throw new Error(`systemd has to be tried, and cannot: ${reason}`)
if (reason !== undefined) console.warn(`skipped, units are not compared with systemd: ${reason}`)

const SEED = Number(process.env['SALLYPORT_SEED'] ?? 1)
const COUNT = Number(process.env['SALLYPORT_SYSTEMD_UNITS'] ?? 600)
const PIECES = [
  ...['a', 'b', 'c ', ' ', '  ', '\t', '"', "'", 'x"y z"w', "'k l'", '\\"', "\\'", '\\\\', '\\x41', '\\101', '\\u0041', '\\s', '\\t', 'é'],
  ...['%n', '%N', '%p', '%i', '%j', '%%', '#', '=', '-', '\\\n', '\\\n# c\n'],
]
/** Only in lines of one command: in a second one, variables are put in. */
const DOLLARS = ['$A', '${A}', '$$']
const SEMICOLONS = [';', ' ; ', ' ; -:', ' \\; ', '\\;']

/** Every word is known: nothing here depends on the machine, and `:` before a program leaves variables alone (systemd.service(5)). */
describe.skipIf(reason !== undefined)('P8 · units as systemd reads them', () => {
  const files = new Map<string, string>()
  for (let index = 0; index < COUNT; index++) {
    const line = randomLine(SEED * 7919 + index)
    const name = index % 3 === 0 ? `u${index}@in-st.service` : `u-${index}.service`
    files.set(name, `[Service]\nType=oneshot\nExecStart=:/bin/echo ${line}\nEnvironment=A=${line}\n`)
    if (index % 4 === 0) files.set(`${name}.d/10.conf`, `[Service]\nEnvironment=B=${randomLine(SEED * 104_729 + index)}\n`)
    if (index % 8 === 0) files.set(`${name}.d/20.conf`, '[Service]\nExecStart=\nExecStart=:/bin/ls x\n')
  }
  const sockets = ['8080', '127.0.0.1:8081', '[::1]:8082', '/run/app.sock', '0.0.0.0:53', '@abstract', '65535', '[2001:db8::1]:90']
  files.set('s.socket', `[Socket]\nService=u-1.service\n${sockets.map((one) => `ListenStream=${one}\nListenDatagram=${one}\n`).join('')}`)
  let real: ReadonlyMap<string, RealUnit> = new Map()
  let evidence: readonly Evidence[] = []
  beforeAll(async () => {
    real = loadUnits(files)
    evidence = (await readFolder(systemd, files)).evidence
  })

  const launchesOf = (unit: string): readonly Launch[] =>
    evidence.flatMap(({ claim }) => (claim.claim === 'launch' && claim.name === unit ? [claim] : []))

  test('command lines', () => {
    const compared = [...real].filter(([name, { commands }]) => files.has(name) && commands.length > 0)
    expect(compared.length).toBeGreaterThan(COUNT / 2)
    for (const [name, { commands }] of compared) {
      // A line with a damaged quote systemd leaves off there; what stands behind it is read all the same.
      const own = launchesOf(name).map(wordsOf).slice(0, commands.length)
      expect(own, files.get(name)).toEqual(
        commands.map((words, line) => words.map((word, index) => (own[line]?.[index] === WITHHELD ? WITHHELD : word))),
      )
    }
  })

  test('variables', () => {
    const compared = [...real].filter(([name, { commands }]) => files.has(name) && commands.length > 0)
    for (const [name, { environment }] of compared) {
      const [launch] = launchesOf(name)
      const own = [...(launch?.environment ?? [])].map(([key, { value }]) => `${key}=${value.kind === 'known' ? value.value : WITHHELD}`)
      const kept = environment.map((one) => own.find((other) => other === `${one.slice(0, one.indexOf('='))}=${WITHHELD}`) ?? one)
      expect(own.toSorted(), files.get(name)).toEqual(kept.toSorted())
    }
  })

  test('sockets', () => {
    const own = launchesOf('s.socket').flatMap(({ serves }) => {
      if (serves === undefined) return []
      const host = serves.host.kind === 'known' ? String(serves.host.value) : '::'
      const port = serves.port.kind === 'known' ? serves.port.value : '?'
      return [`Listen${serves.protocol === 'tcp' ? 'Stream' : 'Datagram'} ${host.includes(':') ? `[${host}]` : host}:${port}`]
    })
    const inNetwork = real.get('s.socket')?.listens.filter((one) => /:\d+$/.test(one)) ?? []
    expect(inNetwork.length).toBe(12)
    expect(own.toSorted()).toEqual(inNetwork.toSorted())
  })
})

/** What looks like a secret is not kept. */
const WITHHELD = '(unknown)'

function wordsOf({ command }: Launch): readonly string[] {
  return command.map(({ text }) => (text.kind === 'known' ? String(text.value) : `(${text.kind})`))
}

/** A line of one to eight pieces; the same for the same seed (xorshift32). */
function randomLine(seed: number): string {
  let state = Math.imul(seed, 2_654_435_761) | 1
  const next = (below: number): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
  const pieces = [...PIECES, ...(next(2) === 0 ? DOLLARS : SEMICOLONS)]
  return Array.from({ length: 1 + next(8) }, () => pieces[next(pieces.length)]).join('')
}
