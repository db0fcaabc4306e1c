import type { Evidence, ScriptProblem, Setting, Text } from '../../evidence/index.ts'
import { directoryOf } from '../paths.ts'
import { imagesOf } from '../container-run/image.ts'
import { firewallOrContainer } from '../shell/claims.ts'
import { launchesOf, startsSomething } from '../launches.ts'
import { type Start, Starts } from '../starts/index.ts'
import { type Context, evidenceIn, type Reader } from '../system.ts'
import { parsePowerShell } from './parse.ts'

/** The packet filter of Windows. */
const FIREWALL_CMDLET = 'New-NetFirewallRule'

export const powershellReader: Reader = {
  read(snapshot) {
    const starts = new Starts(snapshot)
    const evidence = snapshot.matched.flatMap((path): readonly Evidence[] => {
      const text = starts.text(path)
      if (text === undefined) return []
      // A script is started from its own directory or from the folder's.
      const directories = [...new Set([directoryOf(path), ''])]
      const found = starts.ofPowerShell(text, { script: path, directories })
      const images = imagesOf([{ found, directories }], starts)
      const launches = found.flatMap((start) => firewallOrContainer(start, starts, images) ?? launchesIn(start, path, starts))
      return [...hostParameters(text, snapshot.context), ...distinct(launches)]
    })
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [] }
  },
}

function launchesIn(start: Start, name: string, starts: Starts): readonly Evidence[] {
  const { context } = starts.snapshot
  if (start.words[0]?.shown === FIREWALL_CMDLET) {
    return [evidenceIn(context, { claim: 'firewall-command', tool: FIREWALL_CMDLET, command: start.words }, start.origin)]
  }
  if (!startsSomething(start)) return []
  return launchesOf(start, 'powershell', name).map((launch) => evidenceIn(context, launch, start.origin))
}

/** Several ways to write the same start (`--reload` or not) are one; with other variables or words it is another. */
function distinct(evidence: readonly Evidence[]): readonly Evidence[] {
  const found = new Map<string, Evidence>()
  const numbers = new SettingNumbers()
  for (const item of evidence) {
    const { claim, origin } = item
    const place = origin.kind === 'file' ? `${origin.path}:${origin.span.start.offset}` : ''
    const set = claim.claim === 'launch' ? [numbers.of(claim.environment), numbers.of(claim.arguments ?? new Map())] : []
    const what = claim.claim === 'launch' && claim.serves !== undefined ? [claim.entry, claim.serves, set[0]] : [claim, set]
    const key = `${claim.claim} ${place} ${JSON.stringify(what)}`
    if (!found.has(key)) found.set(key, item)
  }
  return [...found.values()]
}

/** Many starts have the same settings: each is written out once. */
class SettingNumbers {
  readonly #byText = new Map<string, number>()
  readonly #bySetting = new WeakMap<Setting, number>()

  of(settings: ReadonlyMap<string, Setting>): string {
    return [...settings].map(([name, setting]) => `${name}=${this.#number(setting)}`).join(' ')
  }

  #number(setting: Setting): number {
    const before = this.#bySetting.get(setting)
    if (before !== undefined) return before
    const text = JSON.stringify(setting)
    const number = this.#byText.get(text) ?? this.#byText.size
    this.#byText.set(text, number)
    this.#bySetting.set(setting, number)
    return number
  }
}

/** Parameters that PowerShell lets nobody give a value: a script or function that has one fails when it is called. */
function hostParameters(text: Text, context: Context): readonly Evidence[] {
  return parsePowerShell(text.content)
    .parameters.filter((parameter) => parameter.name.toLowerCase() === 'host')
    .map((parameter) => {
      const claim: ScriptProblem = {
        claim: 'script-problem',
        code: 'powershell-host-parameter',
        word: `$${parameter.name}`,
        explanation: '$Host is a variable of PowerShell itself, read-only: calling the script fails, and inside it $Host is no address',
      }
      return evidenceIn(context, claim, text.origin(parameter.start, parameter.end))
    })
}
