import { hasSecret, type Manager, printable, REDACTED } from '../../evidence/index.ts'

/** What /proc/PID/cgroup says of who manages a process (cgroups(7)): the deepest container scope, else the deepest systemd service. */
export function readCgroup(text: string): Manager | undefined {
  const container = deepestContainer(text)
  if (container !== undefined) return container
  const units = [...text.matchAll(/\/([^/\n]{1,255}\.service)(?=\/|$)/gm)].map((match) => match[1] ?? '')
  const unit = units.at(-1)
  // user@1000.service is the user's manager, which starts whatever the user starts.
  return unit === undefined || /^user@\d+\.service$/.test(unit) ? undefined : { kind: 'systemd', unit: printable(unescapeUnit(unit)) }
}

/** How engines name a container's cgroup, under the cgroupfs and the systemd driver. */
const CONTAINER_CGROUPS: readonly (readonly [RegExp, string])[] = [
  [/\/docker[/-]([0-9a-f]{64})(?![0-9a-f])/g, 'docker'],
  [/\/libpod-(?:payload-)?([0-9a-f]{64})(?![0-9a-f])/g, 'podman'],
  [/[/:]cri-containerd[-:]([0-9a-f]{64})(?![0-9a-f])/g, 'containerd'],
  [/\/crio-([0-9a-f]{64})(?![0-9a-f])/g, 'cri-o'],
  [/\/kubepods[^\n/]{0,255}(?:\/[^\n/]{1,255}){0,4}\/([0-9a-f]{64})(?![0-9a-f])/g, 'kubernetes'],
  [/\/lxc(?:\.payload)?[./]([^/\n]{1,255})/g, 'lxc'],
]

/** Of containers within containers the innermost; cgroup v1 has a line for each controller, all with the same path. */
function deepestContainer(text: string): Manager | undefined {
  for (const line of text.split('\n')) {
    let deepest: { readonly at: number; readonly id: string; readonly engine: string } | undefined
    for (const [pattern, engine] of CONTAINER_CGROUPS)
      for (const match of line.matchAll(pattern)) {
        const at = match.index + match[0].length
        if (match[1] !== undefined && (deepest === undefined || at > deepest.at)) deepest = { at, id: match[1], engine }
      }
    if (deepest !== undefined) return { kind: 'container', id: printable(deepest.id), engine: deepest.engine }
  }
  return undefined
}

/** systemd.unit(5), string escaping: `\x2d` is `-`. */
function unescapeUnit(unit: string): string {
  return unit.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** The fields of /proc/PID/stat that matter here (proc_pid_stat(5)); `started` is in clock ticks since boot. */
export function readStat(text: string): { readonly name: string; readonly parent: number; readonly started: number } | undefined {
  // The name stands in parentheses and may itself hold parentheses and blanks: the last one ends it.
  const open = text.indexOf('(')
  const close = text.lastIndexOf(')')
  if (open < 0 || close < open) return undefined
  const rest = text.slice(close + 2).split(' ')
  const parent = Number(rest[1])
  const started = Number(rest[19])
  if (!Number.isSafeInteger(parent) || !Number.isSafeInteger(started) || parent < 0 || started < 0) return undefined
  return { name: printable(text.slice(open + 1, close)), parent, started }
}

/** The variables of a process that may be kept: those that say where it listens or is debugged, and PM2's own marks. Everything else may hold a secret. */
export const KEPT_VARIABLES: ReadonlySet<string> = new Set([
  'HOST',
  'HOSTNAME',
  'PORT',
  'BIND',
  'BIND_HOST',
  'BIND_ADDRESS',
  'BIND_ADDR',
  'LISTEN',
  'LISTEN_HOST',
  'LISTEN_ADDR',
  'LISTEN_ADDRESS',
  'ADDRESS',
  'ADDR',
  'IP',
  'SERVER_HOST',
  'SERVER_PORT',
  'SERVER_ADDRESS',
  'API_HOST',
  'API_PORT',
  'APP_HOST',
  'APP_PORT',
  'HTTP_HOST',
  'HTTP_PORT',
  'UVICORN_HOST',
  'UVICORN_PORT',
  'FLASK_RUN_HOST',
  'FLASK_RUN_PORT',
  'NODE_ENV',
  'NODE_OPTIONS',
  'JAVA_TOOL_OPTIONS',
  'JDK_JAVA_OPTIONS',
  'DEBUG',
  'PM2_HOME',
  'pm_id',
  'pm_exec_path',
  'name',
])

/** Splits the NUL-separated text of /proc/PID/environ and keeps what `KEPT_VARIABLES` lists, fit to be shown; of a value that holds a secret nothing. */
export function readEnviron(text: string): ReadonlyMap<string, string> {
  const kept = new Map<string, string>()
  for (const entry of text.split('\0')) {
    const equals = entry.indexOf('=')
    const name = entry.slice(0, Math.max(equals, 0))
    // The first one counts (getenv(3)).
    if (!KEPT_VARIABLES.has(name) || kept.has(name)) continue
    const value = entry.slice(equals + 1, equals + 1 + LONGEST_VALUE)
    kept.set(name, hasSecret(value) ? REDACTED : printable(value))
  }
  return kept
}

/** No address, port or name is longer. */
const LONGEST_VALUE = 4096
