import type { Process } from '../../evidence/index.ts'
import { nameOf } from '../../systems/index.ts'
import type { PlannedService } from './groups.ts'
import type { LiveService } from './live.ts'

/** Programs that run others: what they are called says nothing. */
const INTERPRETERS = /^(?:node|nodejs|bun|deno|tsx|python[\d.]*|pythonw?|npm|npx|pnpm|yarn|sh|bash|dash|env|java|ruby|php)$/

/**
 * Whether what runs is certainly not what the files start, though it holds the port: neither the program nor any file that the service
 * is started by is in its command line. A copy of the code in another directory has the same names.
 */
export function isStranger(live: LiveService, planned: PlannedService): boolean {
  if (live.container !== undefined || live.processes.length === 0) return false
  const expected = namesOf(planned)
  return expected.size > 0 && live.processes.every(({ claim }) => !namesIn(claim).some((name) => isOneOf(expected, name)))
}

function namesOf({ launches, binds }: PlannedService): ReadonlySet<string> {
  const programs = launches.flatMap(({ claim }) => {
    const first = claim.command[0]?.text
    return first?.kind === 'known' ? [stem(String(first.value))] : []
  })
  const files = [...launches.flatMap(({ claim }) => claim.entry ?? []), ...binds.flatMap(({ claim }) => claim.entries)].map(stem)
  return new Set([...programs, ...files].filter((name) => name !== '' && !INTERPRETERS.test(name)))
}

function namesIn({ name, command }: Process): readonly string[] {
  return [name, ...command].map(stem)
}

/** `next-server (v15.1)` is `next`, `gunicorn: master` gunicorn. */
function isOneOf(expected: ReadonlySet<string>, name: string): boolean {
  return [...expected].some((one) => name === one || name.startsWith(`${one}-`) || name.startsWith(`${one}:`))
}

/** The last part of a path or module without ending and object: `main` for `/srv/app/main.py` and for `app.main:api`. */
function stem(word: string): string {
  const file = nameOf(word.split(' ', 1)[0] ?? '')
  const module = /^[\w.]+(?=:[\w.]+$)/.exec(file)?.[0]
  return module === undefined ? file.replace(/(?<=.)\.[cm]?[jt]sx?$|(?<=.)\.(?:py|sh|ps1)$/, '') : (module.split('.').at(-1) ?? module)
}
