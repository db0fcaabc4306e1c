import { dirname } from 'node:path'
import { Failure } from '../failure.ts'
import type { Application, Applier, Wanted } from './application.ts'
import { atBoot } from './boot.ts'
import { complaint, must } from './namespace.ts'
import { tableNames } from './rules.ts'

/** `inet sallyport`: family and name of a table, as nft(8) takes them. */
type TableName = string

/** Where files are kept that a person wrote. */
const DIRECTORY = '/etc/nftables.d'

/** One transaction of nft(8): all of it holds, or nothing of it. */
export const nftables: Applier = {
  name: 'nftables',
  changes: 'filter',
  directory: DIRECTORY,
  async prepare(wanted: Wanted): Promise<Application> {
    const text = wanted.files.map((file) => file.text).join('\n')
    const own = await tablesOf(text, wanted)
    for (const family of ['ip', 'ip6'])
      for (const [key] of wanted.rules)
        if (key.startsWith(`${family}tables-nft `) && own.includes(`${family} ${key.split(' ')[1]}`))
          throw new Failure(
            `the table ${family} ${key.split(' ')[1]} is one of iptables, which others write their rules to`,
            'name the table otherwise, in nftables’ own family inet if it is for both',
          )
    // Nothing is there after that; without a table, `delete` would fail.
    const cleared = own.map((name) => `table ${name}\ndelete table ${name}\n`).join('')
    const before = own.flatMap((name) => wanted.rules.get(`nft ${name}`) ?? []).join('')
    const keys = new Set(own.map((name) => `nft ${name}`))
    return {
      files: new Map([
        ['wanted.nft', `${cleared}${text}`],
        ['before.nft', `${cleared}${before}`],
      ]),
      apply: 'nft -f wanted.nft',
      revert: 'nft -f before.nft',
      own: (key, text) => (keys.has(key) ? text : ''),
      others: (key, text) => (keys.has(key) ? '' : text),
      lasting: wanted.files,
    }
  },
  doubts,
}

async function doubts(files: readonly string[]): ReturnType<Applier['doubts']> {
  const boot = await atBoot()
  return files
    .filter((path) => !boot.files.has(path))
    .map((path) => [
      `${path} is not loaded when this machine starts, as far as can be seen`,
      `the file that nftables.service loads (/etc/nftables.conf) has to say  include "${dirname(path) === DIRECTORY ? `${DIRECTORY}/*.nft` : path}"  and the service has to be enabled: systemctl enable nftables`,
    ])
}

/** Without the lines that nft quotes, which may be those of any file that the rules include; `alone.nft` is a name of ours. */
function placesOf(text: string): string {
  const told = text.split('; ').filter((line) => /^In file included|: (?:Error|Warning): /.test(line))
  return (told.length === 0 ? 'it does not say where' : told.join('; ')).replaceAll('alone.nft:', 'line ')
}

/** Which tables the text makes: those that are there once an empty namespace has loaded it. */
async function tablesOf(text: string, { scratch, folder, put }: Wanted): Promise<readonly TableName[]> {
  put('alone.nft', text)
  const loaded = await scratch.run('nft -f alone.nft', folder)
  if (loaded.kind !== 'ok')
    throw new Failure(`nft does not take these rules: ${placesOf(complaint(loaded))}`, 'correct them, and apply them again')
  return tableNames(await must(scratch.run('nft list tables'), 'nft lists no tables', 'run it as root'))
}
