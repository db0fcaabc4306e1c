import { show } from '@sallyport/core/evidence'
import type { Part } from '../part.ts'
import type { Step } from '../step.ts'
import type { Manager, State } from './manager.ts'
import { packageBuild } from './pm2.ts'
import { ask } from './programs.ts'

const START_MS = 300_000

/** systemd: units of the machine (systemctl(1), journalctl(1)). */
export const systemd: Manager = {
  name: 'systemd',
  title: 'systemd',
  async build(_, { folder }) {
    return packageBuild(folder)
  },
  async start(parts, { folder }) {
    return [step(['systemctl', 'start', '--', ...unitsOf(parts)], folder)]
  },
  async stop(parts, { folder }) {
    return [step(['systemctl', 'stop', '--', ...unitsOf(parts)], folder)]
  },
  async states(parts) {
    const units = unitsOf(parts)
    const states = await Promise.all(units.map((unit) => ask(['systemctl', 'show', `--property=${PROPERTIES}`, '--', unit])))
    return new Map(
      parts.map(({ name }, index): [string, State] => {
        const ran = states[index]
        if (ran?.kind === 'ok') return [name, readShown(ran.stdout)]
        return [
          name,
          { kind: 'unknown', why: show(ran?.kind === 'missing' ? 'systemctl is not there' : 'systemctl tells nothing of the unit') },
        ]
      }),
    )
  },
  async log({ runner }, { folder }, lines, follow) {
    if (runner.kind !== 'systemd') return undefined
    const words = ['journalctl', '--no-pager', '--output=cat', `--lines=${lines}`, ...(follow ? ['--follow'] : []), `--unit=${runner.unit}`]
    return { words, folder, timeoutMs: follow ? Number.POSITIVE_INFINITY : START_MS, ownStderr: true }
  },
}

const PROPERTIES = 'LoadState,ActiveState,SubState,Result,ExecMainStatus,NRestarts,MainPID'

function unitsOf(parts: readonly Part[]): readonly string[] {
  return parts.flatMap(({ runner }) => (runner.kind === 'systemd' ? [runner.unit] : []))
}

function step(words: readonly string[], folder: string): Step {
  return { words, folder, timeoutMs: START_MS }
}

/** What `systemctl show` prints: NAME=VALUE, a line each (org.freedesktop.systemd1(5)). */
export function readShown(text: string): State {
  const value = new Map(
    text
      .split('\n')
      .flatMap((line): [string, string][] =>
        line.includes('=') ? [[line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]] : [],
      ),
  )
  const of = (name: string): string => value.get(name) ?? ''
  const restarts = Number(of('NRestarts')) || 0
  if (of('LoadState') === '') return { kind: 'unknown', why: show('systemctl tells nothing of the unit') }
  if (of('LoadState') !== 'loaded') return { kind: 'never' }
  if (of('ActiveState') === 'active') return { kind: 'running', who: `pid ${of('MainPID')}`, restarts }
  // A unit that nobody has started yet has no result but `success`, and was never left either.
  return {
    kind: 'ended',
    how: show(`the unit is ${of('ActiveState')} (${of('SubState')}), result ${of('Result')}, exit code ${of('ExecMainStatus')}`),
    restarts,
  }
}
