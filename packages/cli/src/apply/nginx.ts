import { basename, dirname } from 'node:path'
import { Failure } from '../failure.ts'
import type { Application, Applier, Wanted } from './application.ts'
import { complaint, HERE } from './namespace.ts'
import { passedOn } from './requests.ts'

/**
 * The file beside its place, then in it, by rename(2); and what nginx -t says of it before that, in a mount namespace in which it is there already.
 */
export const nginx: Applier = {
  name: 'nginx',
  changes: 'files',
  async prepare({ files, folder, put }: Wanted): Promise<Application> {
    const [file] = files
    if (file === undefined || files.length > 1) throw new Failure('nginx takes one file', 'report this')
    const { path, text } = file
    if ((await HERE.run(`${MASTER}\n[ -n "$master" ] && [ -d "/proc/$master" ]`)).kind !== 'ok')
      throw new Failure('nginx does not run here', 'start it first, as with systemctl start nginx')
    put('wanted', text)
    const directory = dirname(path)
    const tried = await HERE.run(
      `rm -rf try; cp -a ${directory} try; cp wanted try/${basename(path)}
exec unshare --mount --propagation private /bin/sh -euc 'mount --bind try ${directory}; exec nginx -t -q'`,
      folder,
    )
    if (tried.kind !== 'ok') throw new Failure(`nginx does not take this: ${complaint(tried)}`, 'correct it; nothing was changed')
    return {
      files: new Map([['wanted', text]]),
      apply: [`[ ! -e ${path} ] || cp -p ${path} before`, ...replace('wanted', path), reload(true)].join('\n'),
      revert: [`if [ -e before ]; then`, ...replace('before', path), `else rm -f ${path}; fi`, 'nginx -t -q', reload(false)].join('\n'),
      own: (_, old) => old,
      others: () => '',
      lasting: [],
      watch: async () => {
        const before = await passedOn()
        return async () => lost(before, await passedOn())
      },
    }
  },
  doubts: () => Promise.resolve([]),
}

/** Of what was answered and is asked for still. */
function lost(before: ReadonlyMap<string, boolean>, after: ReadonlyMap<string, boolean>): readonly string[] {
  return [...before].flatMap(([what, well]) => (well && after.get(what) === false ? [`${what} is not answered any more`] : []))
}

function replace(from: string, path: string): readonly string[] {
  const beside = `${dirname(path)}/.${basename(path)}.new`
  return [`cp ${from} ${beside}`, `mv ${beside} ${path}`]
}

/** The master process, by the file that its configuration names, or that it was built with (nginx(8), -T and -V). */
const MASTER = `master=
for place in $(nginx -T 2>/dev/null | sed -nE 's/^[[:space:]]*pid[[:space:]]+([^;]+);.*/\\1/p') $(nginx -V 2>&1 | sed -nE 's/.*--pid-path=([^ ]*).*/\\1/p'); do
  [ -n "$master" ] || [ ! -s "$place" ] || master=$(cat "$place")
done`

/**
 * A reload that fails (an address that is taken) leaves the old workers, and says so only in the log: new ones have to come. `isNeeded`: nginx has to run.
 */
function reload(isNeeded: boolean): string {
  return `${MASTER}
if [ -z "$master" ] || [ ! -d "/proc/$master" ]; then exit ${isNeeded ? 1 : 0}; fi
workers=$(pgrep -P "$master")
nginx -s reload
for wait in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
  for worker in $(pgrep -P "$master"); do case " $(echo $workers) " in *" $worker "*) ;; *) break 2 ;; esac; done
  sleep 0.2
  worker=
done
if [ -z "\${worker:-}" ]; then
  echo 'nginx goes on with its old configuration; its error log says why' >&2
  exit 1
fi
# The old ones take connections until they say that they end.
for wait in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
  old=
  for each in $workers; do case "$({ tr '\\0' ' ' <"/proc/$each/cmdline"; } 2>/dev/null || :)" in '' | *'shutting down'*) ;; *) old=$each ;; esac; done
  [ -n "$old" ] || break
  sleep 0.2
done`
}
