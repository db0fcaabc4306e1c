import { evidenceOf, type Gap, type Ruleset } from '../../../evidence/index.ts'
import { FAMILIES, type Family, parsePrefix } from '../../../network/index.ts'
import { ofHosts } from '../../netfilter/write/compare.ts'
import type { FileState, Snapshot } from '../../system.ts'
import type { Comparing, Difference, WrittenFile } from '../../write.ts'
import { CONF, DEFAULTS, rulesPath } from '../places.ts'
import { readUfwFiles } from '../read.ts'

type Files = (path: string) => FileState

/** What ufw lets through after its next start, against what it would after the script had run where nothing had been said to it before. */
export function compareUfw(wanted: readonly WrittenFile[], there: Files, comparing: Comparing): readonly Difference[] {
  return ofHosts(wanted, ({ text }) => {
    const missing = [CONF, DEFAULTS].filter((path) => there(path).kind !== 'text')
    if (missing.length > 0) return missing.map((path) => ({ what: path, wanted: 'a file of ufw', ...kindOf(there(path)) }))
    const found = read(there)
    const gaps = found.gaps.map(({ what }): Difference => ({ what: 'ufw', wanted: 'rules that can be read', there: what }))
    return [...gaps, ...comparing.filters(read(withScript(there, text)).rulesets, found.rulesets)]
  })
}

function kindOf({ kind }: FileState): { readonly there?: string } {
  return kind === 'absent' ? {} : { there: kind }
}

function read(files: Files): { readonly rulesets: readonly Ruleset[]; readonly gaps: readonly Gap[] } {
  const snapshot: Snapshot = {
    matched: [CONF, DEFAULTS],
    paths: new Set(),
    file: files,
    // Profiles stand behind names of applications, which the script has none of.
    glob: () => [],
    context: { host: '', standing: 'configured', capturedAt: 0 },
  }
  const { evidence } = readUfwFiles(snapshot)
  return {
    rulesets: evidenceOf(evidence, 'netfilter').map(({ claim }) => claim.ruleset),
    gaps: evidenceOf(evidence, 'gap').flatMap(({ claim }) => (claim.affects.kind === 'nothing' ? [] : [claim])),
  }
}

/** The files as the script leaves them, with its rules alone. */
function withScript(there: Files, script: string): Files {
  const after = [...script.matchAll(/^replace (\S+) <<'EOF'\n([\s\S]*?)^EOF$/gm)].map((match) => [match[1] ?? '', match[2] ?? ''] as const)
  const changed = new Map<string, (text: string) => string>([
    [CONF, (text) => `${text}\nENABLED=yes\n`],
    [DEFAULTS, (text) => `${text}\nIPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\n`],
    ...FAMILIES.map((family) => [rulesPath('user', family), () => userRules(script, family)] as const),
    ...after.map(([path, block]) => [path, (text: string) => `${withoutBlock(text)}${block}`] as const),
  ])
  return (path) => {
    const state = there(path)
    const change = changed.get(path)
    if (change === undefined) return state
    return { kind: 'text', text: change(state.kind === 'text' ? state.text : '') }
  }
}

function withoutBlock(text: string): string {
  return text.replace(/^# BEGIN SALLYPORT\n[\s\S]*?^# END SALLYPORT\n/gm, '')
}

/** What ufw makes of the commands of the script (ufw backend_iptables.py), which have one form. */
function userRules(script: string, family: Family): string {
  const rules = [...script.matchAll(COMMAND)].flatMap(({ groups = {} }) => {
    const { list, short, device, source, ports, protocol } = groups
    const of = source === undefined ? family : parsePrefix(source)?.first.family
    if (of !== family) return []
    const wanted = list ?? ports ?? ''
    const words = [
      ...(device === undefined ? [] : ['-i', device]),
      '-p',
      short ?? protocol ?? '',
      ...(/[,]/.test(wanted) ? ['-m', 'multiport', '--dports', wanted] : ['--dport', wanted]),
      ...(source === undefined ? [] : ['-s', source]),
    ]
    return [`-A ${family === 4 ? 'ufw' : 'ufw6'}-user-input ${words.join(' ')} -j ACCEPT`]
  })
  return ['*filter', ...rules, 'COMMIT', ''].join('\n')
}

const COMMAND =
  /^ufw allow (?:(?<list>[\d,:]+)\/(?<short>tcp|udp)|(?:in on (?<device>\S+) ?)?(?:from (?<source>\S+) )?to any port (?<ports>[\d,:]+) proto (?<protocol>tcp|udp)) comment /gm
