import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const SYSTEMD = '/usr/lib/systemd/systemd'
/** What systemd itself refuses to do without. */
const TARGETS = ['basic', 'default', 'exit', 'paths', 'shutdown', 'sockets', 'sysinit', 'timers']
const NOBODY = '65534'

/** What systemd makes of one unit: words of its commands, `NAME=value` of its environment, addresses that it listens on. */
export interface RealUnit {
  readonly commands: readonly (readonly string[])[]
  readonly environment: readonly string[]
  readonly listens: readonly string[]
}

/** Why systemd cannot be tried here; `undefined`: it can. */
export function whyNot(): string | undefined {
  if (!existsSync(SYSTEMD)) return `${SYSTEMD} is not installed`
  return process.getuid?.() === 0 && spawnSync('setpriv', ['--version']).status !== 0 ? 'setpriv is not installed' : undefined
}

/** Lets a real systemd load units, which starts none of them (`--test`, systemd(1)), and reads from its own listing what it took them for. */
export function loadUnits(files: ReadonlyMap<string, string>): ReadonlyMap<string, RealUnit> {
  const root = mkdtempSync(join(tmpdir(), 'sp-systemd-'))
  try {
    const units = [...files.keys()].filter((path) => !path.includes('/'))
    const all = new Map([
      ...TARGETS.map((name): [string, string] => [`${name}.target`, '[Unit]\n']),
      ['all.target', `[Unit]\n${units.map((unit) => `Wants=${unit}\n`).join('')}`],
      ...files,
    ])
    chmodSync(root, 0o755)
    mkdirSync(join(root, 'run'))
    if (process.getuid?.() === 0) chownSync(join(root, 'run'), Number(NOBODY), Number(NOBODY))
    for (const [path, text] of all) {
      mkdirSync(dirname(join(root, 'units', path)), { recursive: true })
      writeFileSync(join(root, 'units', path), text, { mode: 0o644 })
    }
    const asNobody = process.getuid?.() === 0 ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : []
    const [program = SYSTEMD, ...words] = [...asNobody, SYSTEMD, '--test', '--user', '--unit=all.target']
    const env = { PATH: process.env['PATH'], HOME: root, XDG_RUNTIME_DIR: join(root, 'run'), SYSTEMD_UNIT_PATH: join(root, 'units') }
    const ran = spawnSync(program, words, { env, encoding: 'utf8', maxBuffer: 1 << 28, timeout: 60_000 })
    if (ran.status !== 0) throw new Error(`systemd: ${ran.stderr.slice(-1000)}`)
    return listed(ran.stdout)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function listed(text: string): ReadonlyMap<string, RealUnit> {
  const units = new Map<string, { commands: (readonly string[])[]; environment: string[]; listens: string[] }>()
  let unit = { commands: [] as (readonly string[])[], environment: [] as string[], listens: [] as string[] }
  for (const line of text.split('\n')) {
    const name = /^\t-> Unit (\S+):$/.exec(line)?.[1]
    if (name !== undefined) {
      unit = units.get(name) ?? { commands: [], environment: [], listens: [] }
      units.set(name, unit)
    }
    const [, key, value = ''] = /^\t+(Command Line|Environment|ListenStream|ListenDatagram): (.*)$/.exec(line) ?? []
    if (key === 'Command Line') unit.commands.push(unquoted(value))
    else if (key === 'Environment') unit.environment.push(value)
    else if (key !== undefined) unit.listens.push(`${key} ${value}`)
  }
  return units
}

const CONTROL: Readonly<Record<string, string>> = { n: '\n', t: '\t' }

/** The words of a command line as systemd prints it: those that need it in double quotes, with backslashes (src/basic/escape.c: shell_maybe_quote). */
function unquoted(line: string): readonly string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|\S+/g)].map(([whole, quoted]) =>
    quoted === undefined ? whole : quoted.replace(/\\(.)/g, (_, character: string) => CONTROL[character] ?? character),
  )
}
