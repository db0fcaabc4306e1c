import { entries, field, items, type Json, numberField, parseJson, textField } from '@sallyport/core/systems'
import { Failure } from '../../failure.ts'
import { complaint } from '../namespace.ts'
import { type Daemon, tell } from './daemon.ts'

/** A process as PM2 has it (pm2 7.0.4: `jlist`); an app has one or several. */
export interface Listed {
  readonly name: string
  /** PM2's own number; another one whenever it is defined anew. */
  readonly id: number
  /** 0: it does not run. */
  readonly pid: number
  readonly status: string
  /** Since it was defined. */
  readonly restarts: number
  /** Since it was started last, in ms. */
  readonly startedAt: number
  /** How long it has to run to count as stable, in ms. */
  readonly minUptime: number
  readonly isCluster: boolean
  readonly isModule: boolean
  /** The whole definition, secrets among its variables: only for PM2 itself. */
  readonly definition: Json
}

const NEXT = 'look at pm2 status; pm2 update if it was installed anew'

/** Everything that PM2 runs. Throws `Failure` where it gives no list. */
export async function listed(daemon: Daemon): Promise<readonly Listed[]> {
  const ran = await tell(daemon, ['jlist'])
  if (ran.kind !== 'ok') throw new Failure(`PM2 does not answer: ${complaint(ran)}`, NEXT)
  // It may say something else before the list.
  const list = parseJson(ran.stdout.split('\n').findLast((line) => line.startsWith('[')) ?? '')
  if (!Array.isArray(list)) throw new Failure('pm2 jlist gives no list', NEXT)
  return items(list).map(processOf)
}

function processOf(item: Json): Listed {
  const definition = field(item, 'pm2_env')
  const name = textField(item, 'name')
  const id = numberField(item, 'pm_id')
  if (name === undefined || id === undefined || definition === undefined)
    throw new Failure('pm2 jlist names an app without name or number', NEXT)
  return {
    name,
    id,
    pid: numberField(item, 'pid') ?? 0,
    status: textField(definition, 'status') ?? 'unknown',
    restarts: numberField(definition, 'restart_time') ?? 0,
    startedAt: numberField(definition, 'pm_uptime') ?? 0,
    minUptime: numberField(definition, 'min_uptime') ?? 1000,
    isCluster: textField(definition, 'exec_mode') === 'cluster_mode',
    isModule: field(definition, 'pmx_module') === true,
    definition,
  }
}

/** Of a variable what the app gets: those beside `env` are of earlier starts, and lose (God.executeApp). */
export function variableOf({ definition }: Listed, name: string): string | undefined {
  const value = field(field(definition, 'env'), name) ?? field(definition, name)
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value)
}

/** As `pm2 save` writes it and `pm2 resurrect` reads it (lib/API/Startup.js), with other fields; its number is given anew. */
export function dumped({ definition }: Listed, changed: Readonly<Record<string, Json | undefined>> = {}): Json {
  const left = new Set(['instances', 'pm_id', 'prev_restart_delay'])
  return { ...Object.fromEntries(entries(definition).filter(([name]) => !left.has(name))), ...changed }
}
