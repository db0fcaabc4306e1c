import { knownText, type Word } from '../evidence/index.ts'
import { programsNamed, programsOfModule } from './programs/rows/index.ts'

/** Programs of every system that start no server and no other program: most lines of most scripts (POSIX XCU, coreutils, and what installs and packs). */
const STARTS_NOTHING: ReadonlySet<string> = new Set(
  (
    '[ : true false test echo printf cat tac head tail tee grep egrep fgrep rg sed awk gawk cut tr sort uniq wc diff cmp comm paste fold jq yq ' +
    'ls cp mv rm ln mkdir rmdir touch chmod chown chgrp stat file find du df mktemp basename dirname realpath readlink install sync dd ' +
    'ps kill pkill killall pgrep sleep date whoami id uname hostname uptime free which type hash wait jobs trap ulimit umask getopts alias bg fg ' +
    'tar gzip gunzip zip unzip bzip2 xz curl wget git scp rsync apt apt-get apk yum dnf brew snap dpkg rpm systemctl service journalctl crontab ' +
    'useradd groupadd usermod passwd openssl ssh-keygen md5sum sha1sum sha256sum base64 xxd od tput clear stty lsof ss netstat ping dig nslookup host ip ' +
    'cmake gcc cc clang rustc javac tsc eslint prettier jest mocha pytest mypy ruff black pip pip3 local readonly shopt let history'
  ).split(' '),
)

/** Every address: only a server is given it. `--host` alone is given to clients as well. */
const EVERY_ADDRESS = /(?:^|[=@/])(?:0\.0\.0\.0|\[::\]|::)(?::\d+|$)/

/** Whether a program is known to start no server. */
export function isQuiet(program: string | undefined): boolean {
  return program !== undefined && STARTS_NOTHING.has(program.slice(program.lastIndexOf('/') + 1))
}

/** What docker, compose and kubectl do to containers that are there: the programs that follow are the containers' own. */
const WITHIN: ReadonlySet<string> = new Set(
  'exec stop kill rm logs ps pull push build config down restart port top wait version info'.split(' '),
)

/** Whether a command of an unknown program may well be a server's: by its other words. */
export function mayServe(words: readonly Word[]): boolean {
  if (WITHIN.has(knownText(words[1]?.text) ?? '')) return false
  return words.slice(1, 200).some((word) => {
    const given = knownText(word.text)
    if (given === undefined || given.length > 300) return false
    return (
      EVERY_ADDRESS.test(given) || programsNamed(given.slice(given.lastIndexOf('/') + 1)).length > 0 || programsOfModule(given).length > 0
    )
  })
}
