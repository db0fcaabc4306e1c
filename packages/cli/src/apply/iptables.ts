import { basename } from 'node:path'
import { FAMILIES, type Family } from '@sallyport/core/network'
import { Failure } from '../failure.ts'
import type { Application, Applier, Wanted } from './application.ts'
import { atBoot, isRun } from './boot.ts'
import { linesOf, type Rules, withoutOwn, withoutUserChains } from './rules.ts'

const TOOL: Readonly<Record<Family, string>> = { 4: 'iptables', 6: 'ip6tables' }

const IPTABLES = /^ip6?tables-/

/** The chains that nobody else writes to, and whatever leads to them. */
const OWN = /\bSALLYPORT-/

/** Chains of its own beside those of others, in both families; the loader that is rendered with them hooks them in, and takes them out. */
export const iptables: Applier = {
  name: 'iptables',
  changes: 'filter',
  async prepare({ files, rules }: Wanted): Promise<Application> {
    const loader = files.find(({ mode }) => mode !== undefined)
    if (loader === undefined) throw new Failure('the rules of iptables have no loader', 'report this')
    // Run where the files are, before they are where they belong.
    const here = files.reduce((text, { path }) => text.replaceAll(path, basename(path)), loader.text)
    const named = files.filter((file) => file !== loader).map(({ path, text }): [string, string] => [basename(path), text])
    const [four = '', six = ''] = named.map(([name]) => name)
    const isThere = [...rules].some(([key, text]) => IPTABLES.test(key) && OWN.test(text))
    const before = new Map<Family, string>([
      [4, `before-${four}`],
      [6, `before-${six}`],
    ])
    return {
      files: new Map([
        ...named,
        ['loader', here],
        ['loader-before', here.replaceAll(four, before.get(4) ?? '').replaceAll(six, before.get(6) ?? '')],
        ...FAMILIES.map((family): [string, string] => [before.get(family) ?? '', ownPart(rules, family)]),
      ]),
      apply: '/bin/sh loader start',
      revert: isThere ? '/bin/sh loader-before start' : `/bin/sh loader stop\n${withoutUserChains(rules)}\n${NOTHING_LEFT}`,
      own: (key, text) => (IPTABLES.test(key) ? linesOf(text, (line) => OWN.test(line)) : ''),
      others: (key, text) => (IPTABLES.test(key) ? withoutOwn(text, (line) => OWN.test(line)) : text),
      lasting: files,
    }
  },
  doubts,
}

/** The rules are loaded by the script beside them, which something has to run. */
async function doubts(files: readonly string[]): ReturnType<Applier['doubts']> {
  const boot = await atBoot()
  return files
    .filter((path) => !/\.v[46]$/.test(path) && !isRun(path, boot))
    .map((path) => [
      `${path} is not run when this machine starts, as far as can be seen`,
      `netfilter-persistent runs it at boot: apt install netfilter-persistent && ln -s ${path} /usr/share/netfilter-persistent/plugins.d/60-sallyport`,
    ])
}

/** The loader passes over what it cannot take out: then all is tried again. */
const NOTHING_LEFT = 'if { iptables-save; ip6tables-save; } | grep SALLYPORT- >&2; then exit 1; fi'

/** What is there of the chains of its own, as iptables-restore(8) takes it with --noflush. */
function ownPart(rules: Rules, family: Family): string {
  return [...rules]
    .filter(([key]) => key.startsWith(`${TOOL[family]}-`))
    .map(([, text]) => {
      const lines = text.split('\n')
      const own = lines.filter((line) => /^(?::|-A )SALLYPORT-/.test(line))
      return own.length === 0 ? '' : [lines[0], ...own, 'COMMIT', ''].join('\n')
    })
    .join('')
}
