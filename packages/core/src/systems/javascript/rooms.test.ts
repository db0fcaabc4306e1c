import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Each room may use those before it: files and their trees; tables of servers; what an expression means; packages; who calls; who changes what; which programs are started; what is looked for. */
const ROOMS = ['source', 'frameworks', 'values', 'settings', 'callers', 'changes', 'children', 'servers', 'origins'] as const

/** What is looked for stands side by side. */
const APART: ReadonlySet<string> = new Set(['origins → servers'])

const filesOf = (room: string): readonly string[] =>
  readdirSync(join(here, room), { encoding: 'utf8' }).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))

test.each(ROOMS)('%s imports only from the rooms before it', (room) => {
  const allowed: readonly string[] = ROOMS.slice(0, ROOMS.indexOf(room) + 1)
  const files = filesOf(room)
  expect(files.length).toBeGreaterThan(0)
  const wrong = files.flatMap((name) =>
    [...readFileSync(join(here, room, name), 'utf8').matchAll(/from '(\.[^']+)'/g)].flatMap((match) => {
      const target = relative(here, join(here, room, dirname(name), match[1] ?? ''))
      const [other = ''] = target.split('/')
      const inside = !target.startsWith('..')
      return inside && (!allowed.includes(other) || APART.has(`${room} → ${other}`)) ? [`${room}/${name} → ${target}`] : []
    }),
  )
  expect(wrong).toEqual([])
})
