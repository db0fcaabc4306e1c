import { quoted } from '../../collect/shell.ts'
import { bootId } from '../state.ts'
import type { Daemon } from './daemon.ts'

/** The files that the scripts read: whole definitions, in whose variables there may be secrets. */
export const FILES = { before: 'before.dump', after: 'after.dump', added: 'added.json' } as const

/** Seconds after which a command of PM2's has failed: one whose daemon hangs would wait for ever, and nobody be told. */
const LONGEST = 60

export interface Names {
  /** Apps that are defined otherwise, and how many processes each has. */
  readonly changed: ReadonlyMap<string, number>
  /** Apps that come. */
  readonly added: readonly string[]
}

/**
 * Takes apps away and gives PM2 their whole definition, by the command that brings them back after a restart of the machine: `pm2 restart` of a file
 * keeps script, directory and interpreter of before, and forgets variables that the file does not name (pm2 7.0.4: God.restartProcessId).
 */
export function makeScript(daemon: Daemon, folder: string, { changed, added }: Names): string {
  if (changed.size + added.length === 0) return ':'
  return [
    functions(daemon),
    'runs',
    ': >begun',
    `away ${[...changed.keys()].map(quoted).join(' ')}`,
    ...(changed.size === 0 ? [] : [restore(FILES.after)]),
    ...(added.length === 0 ? [] : [`here=$PWD`, `(cd ${quoted(folder)} && clean "$pm2" start "$here/${FILES.added}" >/dev/null)`]),
    ...counted([...changed, ...added.map((name): [string, number] => [name, 1])]),
  ].join('\n')
}

/** Where the daemon has ended, or the machine was restarted, what was saved comes back, which nothing of the change is in. */
export function wayBackScript(daemon: Daemon, { changed, added }: Names): string {
  const files = Object.values(FILES).join(' ')
  return [
    functions(daemon),
    `if [ -e begun ] && [ "$(cat /proc/sys/kernel/random/boot_id)" = ${bootId()} ] && runs; then`,
    `away ${[...changed.keys(), ...added].map(quoted).join(' ')}`,
    ...(changed.size === 0 ? [] : [restore(FILES.before), ...counted([...changed])]),
    'fi',
    `rm -f ${files}`,
  ].join('\n')
}

/**
 * `clean`: a program with the variables of a login alone. `runs`: that daemon runs; every command would start another. `ids`: the numbers of an app
 * by its name alone, which no other command of PM2's takes it for. `away`: apps are taken out, of which PM2 lists no more than a hundred processes at once.
 */
function functions({ home, pid, program, environment }: Daemon): string {
  const variables = Object.entries(environment).map(([name, value]) => quoted(`${name}=${value}`))
  return `pm2=${quoted(program)}
clean() { timeout ${LONGEST} env -i ${variables.join(' ')} "$@"; }
runs() { [ "$(cat ${quoted(`${home}/pm2.pid`)} 2>/dev/null)" = ${pid} ] && kill -0 ${pid} 2>/dev/null; }
ids() {
  listed=$(clean PM2_DISCRETE_MODE=true "$pm2" id "$1")
  case $listed in *[[]*) listed=\${listed##*[[]} ;; *) exit 1 ;; esac
  echo \${listed%%...*} | tr -cd '0-9 '
}
away() {
  while :; do
    all=
    for name in "$@"; do
      there=$(ids "$name")
      all="$all $there"
    done
    all=$(echo $all)
    [ -n "$all" ] || break
    clean "$pm2" delete $all >/dev/null
  done
}`
}

function restore(file: string): string {
  return `clean PM2_DISCRETE_MODE=true PM2_DUMP_FILE_PATH="$PWD/${file}" PM2_DUMP_BACKUP_FILE_PATH="$PWD/none" "$pm2" resurrect >/dev/null`
}

/** `pm2 resurrect` and `pm2 start` end well whatever comes of it. */
function counted(names: readonly (readonly [name: string, count: number])[]): readonly string[] {
  return names.map(
    ([name, count]) => `[ "$(ids ${quoted(name)} | wc -w)" -ge ${count} ] || { echo ${quoted(`PM2 does not have ${name}`)} >&2; exit 1; }`,
  )
}
