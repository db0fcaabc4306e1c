import {
  type Evidence,
  type FileOrigin,
  type Gap,
  type GapCode,
  type Netfilter,
  type RuleOrigin,
  type Ruleset,
  show,
  type Table,
  Text,
  type Unread,
  type Word,
} from '../../evidence/index.ts'
import { FAMILIES, type Family } from '../../network/index.ts'
import { readIptablesSave } from '../netfilter/index.ts'
import { ruleOrigin } from '../netfilter/origin.ts'
import { type Context, evidenceIn, type Reader, type Reading, type Snapshot } from '../system.ts'
import { type LoadedLine, type LoadedTables, type LoadProblem } from './loaded.ts'
import { CONF, DEFAULTS, INIT_FILES, PROFILES, rulesPath, type RulesName } from './places.ts'
import { profileProblems } from './profiles.ts'
import { isYes, readSettings, type UfwSettings } from './settings.ts'
import { type RulesFiles, startedTables } from './start.ts'
import { isTuple, readTuple, tupleRules, tupleText } from './tuple.ts'

/**
 * Reads ufw's own files. On a machine: the rules that the next start or reload of ufw will load, as one ruleset. In a folder, whose host is not
 * known: the rules of the user, as the commands that make them.
 */
export function readUfwFiles(snapshot: Snapshot): Reading {
  if (snapshot.matched.some((path) => path === CONF || path === DEFAULTS)) return new MachineReader(snapshot).read()
  const evidence = snapshot.matched.flatMap((path): readonly Evidence[] => {
    const state = snapshot.file(path)
    return path.startsWith('/') || state?.kind !== 'text' ? [] : commands(new Text(path, state.text), snapshot.context)
  })
  return { evidence, needs: [], globs: [] }
}

export const reader: Reader = { read: readUfwFiles }

function commands(text: Text, context: Context): readonly Evidence[] {
  return text.lineStarts.flatMap((_, index): readonly Evidence[] => {
    const line = text.line(index + 1).trim()
    if (!isTuple(line)) return []
    const origin = text.lineOrigin(index + 1)
    const tuple = readTuple(line)
    if (tuple === undefined) return [gapEvidence(context, origin, 'not-understood', 'a rule that ufw passes over', false)]
    const command = ['ufw', ...tupleText(tuple).split(' ')].map(
      (word): Word => ({ text: { kind: 'known', value: word, origin }, shown: show(word) }),
    )
    const rules = tupleRules(tuple)
    const claims = rules.length === 0 ? [{}] : rules.map((rule) => ({ rule }))
    return claims.map((rule) => evidenceIn(context, { claim: 'firewall-command', tool: 'ufw', command, ...rule }, origin))
  })
}

class MachineReader {
  readonly #snapshot: Snapshot
  readonly #needs = new Set<string>()
  readonly #globs = new Set<string>()
  readonly #evidence: Evidence[] = []
  /** What makes the ruleset less than certain. */
  readonly #unread: Unread[] = []

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot
  }

  read(): Reading {
    const defaults = this.#text(DEFAULTS)
    const conf = this.#text(CONF)
    const settings = readSettings([defaults, conf].filter((text) => text !== undefined))
    for (const origin of settings.others) this.#open(origin, 'not-understood', 'the shell runs this line when ufw starts')
    const origin = settings.values.get('ENABLED')?.origin ?? (conf ?? new Text(CONF, '')).origin(0, 0)
    // ufw-init gives up where either is missing or empty.
    const on = defaults !== undefined && conf !== undefined && isYes(settings, 'ENABLED')
    const ruleset = on ? this.#started(settings) : { tool: 'ufw', tables: [], unread: [] }
    this.#evidence.unshift(evidenceIn(this.#snapshot.context, { claim: 'netfilter', ruleset } satisfies Netfilter, origin))
    return { evidence: this.#needs.size + this.#globs.size > 0 ? [] : this.#evidence, needs: [...this.#needs], globs: [...this.#globs] }
  }

  #started(settings: UfwSettings): Ruleset {
    const builtIns = settings.values.get('MANAGE_BUILTINS')
    if (builtIns?.value === 'yes')
      this.#gap(builtIns.origin, 'not-understood', 'MANAGE_BUILTINS: starting ufw removes the rules of all others, Docker’s too')
    for (const path of INIT_FILES) this.#initFile(path)
    this.#kernelSettings(settings)
    const files = new Map(FAMILIES.map((family) => [family, this.#rules(family, settings)]))
    for (const problem of profileProblems(files, this.#profiles())) this.#problem(problem)
    const parts = FAMILIES.map((family) => this.#loaded(startedTables(family, settings, files.get(family) ?? NONE)))
    return { tool: 'ufw', tables: parts.flatMap((part) => part.tables), unread: [...this.#unread, ...parts.flatMap((part) => part.unread)] }
  }

  #rules(family: Family, settings: UfwSettings): RulesFiles {
    if (family === 6 && !isYes(settings, 'IPV6')) return NONE
    const file = (name: RulesName): Text | undefined => {
      const path = rulesPath(name, family)
      const text = this.#text(path, [family])
      const state = this.#snapshot.file(path)?.kind
      if (text === undefined && (state === 'absent' || state === 'text'))
        this.#aside(new Text(path, '').origin(0, 0), 'absent', `${path} is missing or empty: ufw starts without it`)
      return text
    }
    return { before: file('before'), after: file('after'), user: file('user') }
  }

  /** Through the reader of iptables-save, and its places put back to the files. */
  #loaded(tables: LoadedTables): { readonly tables: readonly Table[]; readonly unread: readonly Unread[] } {
    const { family } = tables
    for (const problem of tables.problems) this.#problem(problem, family)
    const { text, lines } = tables.composed()
    const { ruleset, gaps } = readIptablesSave(text, { family, backend: 'nft', path: COMPOSED })
    for (const { gap, origin } of gaps)
      this.#evidence.push(evidenceIn(this.#snapshot.context, gap, origin.kind === 'file' ? placeOf(origin, lines) : origin))
    const unread = tables.problems
      .filter((problem) => problem.affects)
      .map(({ what }): Unread => ({ families: [family], reason: show(what) }))
    return { tables: ruleset.tables.map((table) => replaced(table, lines)), unread: [...ruleset.unread, ...unread] }
  }

  /** `sysctl -p`; a name whose first separator is a slash has slashes for dots (sysctl(8)). */
  #kernelSettings(settings: UfwSettings): void {
    const path = settings.values.get('IPT_SYSCTL')?.value
    const text = path === undefined || !path.startsWith('/') ? undefined : this.#text(path)
    for (const [index] of text?.lineStarts.entries() ?? []) {
      const [, name, value] = /^\s*-?([\w./-]+)\s*=\s*(.*?)\s*$/.exec(text?.line(index + 1) ?? '') ?? []
      if (text === undefined || name === undefined || value === undefined) continue
      const dotted = /^[^.]*\//.test(name) ? name.replace(/[./]/g, (mark) => (mark === '/' ? '.' : '/')) : name
      this.#evidence.push(evidenceIn(this.#snapshot.context, { claim: 'sysctl', name: dotted, value }, text.lineOrigin(index + 1)))
    }
  }

  /** As they come, these scripts do nothing; and they run only where they are executable, which cannot be seen here. */
  #initFile(path: string): void {
    const text = this.#text(path)
    const number =
      text === undefined
        ? -1
        : text.lineStarts.findIndex(
            (_, index) => !/^\s*(?:#.*|set -e|case "\$1" in|[\w*-]+\)|;;|esac|echo .*)?\s*$/.test(text.line(index + 1)),
          )
    if (text !== undefined && number >= 0)
      this.#open(text.lineOrigin(number + 1), 'not-understood', `${path} runs commands of its own when it is executable`)
  }

  #profiles(): readonly Text[] {
    const paths = this.#snapshot.glob(PROFILES)
    if (paths === undefined) this.#globs.add(PROFILES)
    return (paths ?? []).flatMap((path) => this.#text(path) ?? [])
  }

  /** `undefined`: missing, empty, or asked for; anything else that is no text is a gap. */
  #text(path: string, families: readonly Family[] = FAMILIES): Text | undefined {
    const state = this.#snapshot.file(path)
    if (state === undefined) this.#needs.add(path)
    else if (state.kind === 'text') return state.text === '' ? undefined : new Text(path, state.text)
    else if (state.kind !== 'absent') this.#open(new Text(path, '').origin(0, 0), state.kind, `${path} could not be read`, families)
    return undefined
  }

  #problem({ what, origin, affects }: LoadProblem, family?: Family): void {
    if (affects) this.#gap(origin, 'not-understood', what, family)
    else this.#aside(origin, 'not-understood', what)
  }

  /** Whatever it is, rules of these families may be missing or be more. */
  #open(origin: FileOrigin, code: GapCode, what: string, families: readonly Family[] = FAMILIES): void {
    this.#unread.push({ families, reason: show(what) })
    this.#gap(origin, code, what, families.length === 1 ? families[0] : undefined)
  }

  #gap(origin: FileOrigin, code: GapCode, what: string, family?: Family): void {
    this.#evidence.push(gapEvidence(this.#snapshot.context, origin, code, what, true, family))
  }

  /** Worth saying, and no packet fares differently. */
  #aside(origin: FileOrigin, code: GapCode, what: string): void {
    this.#evidence.push(gapEvidence(this.#snapshot.context, origin, code, what, false))
  }
}

const NONE: RulesFiles = { before: undefined, after: undefined, user: undefined }

/** Stands for the text put together; no place of it gets out. */
const COMPOSED = 'ufw'

function gapEvidence(context: Context, origin: FileOrigin, code: GapCode, what: string, affects: boolean, family?: Family): Evidence<Gap> {
  const effect = affects ? ({ kind: 'netfilter', ...(family === undefined ? {} : { family }) } as const) : ({ kind: 'nothing' } as const)
  return evidenceIn(context, { claim: 'gap', code, what, affects: effect }, origin)
}

function placeOf(origin: FileOrigin, lines: readonly (LoadedLine | undefined)[]): FileOrigin {
  return lines[origin.span.start.line - 1]?.origin ?? new Text(CONF, '').origin(0, 0)
}

function replaced(table: Table, lines: readonly (LoadedLine | undefined)[]): Table {
  const chains = [...table.chains].map(([name, chain]) => {
    const rules = chain.rules.map((rule) => ({ ...rule, origin: originOf(rule.origin, lines) }))
    return [name, { ...chain, rules }] as const
  })
  return { ...table, chains: new Map(chains) }
}

/** In the user's words where the rule is the user's, else in those of iptables. */
function originOf(origin: RuleOrigin, lines: readonly (LoadedLine | undefined)[]): RuleOrigin {
  const line = origin.file === undefined ? undefined : lines[origin.file.span.start.line - 1]
  const { table, chain, index } = origin
  const file = line?.origin === undefined ? {} : { file: line.origin }
  return ruleOrigin(
    { tool: line?.rule === undefined ? origin.tool : 'ufw', table, chain, index, ...file },
    () => line?.rule ?? line?.text ?? '',
  )
}
