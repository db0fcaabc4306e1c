import type { Json, ManagedApp } from '@sallyport/core/systems'
import { parseAddress } from '@sallyport/core/network'
import { describe, expect, it } from 'vitest'
import type { Daemon } from './daemon.ts'
import { dumped, type Listed } from './listed.ts'
import { changedFields, fieldsWith, formerOf, isChanged, type Part, partsOf, textWanted } from './plan.ts'
import { heard } from './sockets.ts'

const DAEMON: Daemon = { home: '/home/ada/.pm2', pid: 1, program: '/usr/bin/pm2', environment: { PATH: '/nowhere' } }

const app = (name = 'billing', more: Partial<ManagedApp> = {}): ManagedApp => ({
  name,
  isNamed: true,
  isGuessed: true,
  start: { cwd: `./${name}`, script: 'npm', args: ['start'] },
  environment: new Map([
    ['HOST', '127.0.0.1'],
    ['PORT', '7001'],
  ]),
  listens: [{ protocol: 'tcp', address: '127.0.0.1', port: 7001 }],
  ...more,
})

function listed(definition: Readonly<Record<string, Json>>, more: Partial<Listed> = {}): Listed {
  const process = { name: 'billing', id: 3, pid: 1, status: 'online', restarts: 0, startedAt: 0, minUptime: 1000 }
  return {
    ...process,
    isCluster: false,
    isModule: false,
    definition: { pm_exec_path: '/srv/app.js', namespace: 'default', ...definition },
    ...more,
  }
}

const SECRET = 'canary-41d7'
const THERE = listed({ HOST: '0.0.0.0', PORT: 7001, env: { HOST: '0.0.0.0', PORT: 7001, SECRET }, pm_id: 3, instances: 1 })

describe('what becomes of the apps of PM2', () => {
  const parts = (apps: readonly ManagedApp[], all: readonly Listed[]): readonly Part[] => partsOf(apps, all, '/nowhere', DAEMON)

  it.each(['--all', '', "a'b", 'a\nb', '$(id)', 'a;b', 'a"b', '`id`', '../x\\', 'ünicode', 'x'.repeat(300)])(
    'refuses the name %j',
    (name) => {
      expect(() => parts([app(name)], [])).toThrow('is no name that can be told PM2 safely')
    },
  )

  it('refuses what one port does not hold for', () => {
    expect(() => parts([app()], [THERE, THERE])).toThrow('2 times in fork mode')
    expect(() => parts([app()], [listed({ increment_var: 'PORT' })])).toThrow('counts up a variable')
    expect(() => parts([app()], [THERE, listed({ namespace: 'other' })])).toThrow('different apps called billing')
    expect(() => parts([app(), app()], [THERE])).toThrow('several services of the policy are the app billing')
    expect(() => parts([app()], [listed({}, { isModule: true })])).toThrow('is a module of PM2')
  })

  it('leaves what nobody says that PM2 runs, and starts nothing that is guessed', () => {
    expect(parts([app('billing', { isNamed: false })], [])).toEqual([])
    expect(() => parts([app()], [])).toThrow('does not say how it is started')
    expect(() => parts([app('billing', { isGuessed: false, start: { script: 'no.js', args: [] } })], [])).toThrow(
      'the script of billing is not there',
    )
  })

  it('E3 · changes the variables of the policy alone, and its definition is then as the policy has it', () => {
    const [part] = parts([app()], [THERE])
    if (part === undefined) throw new Error('it is there')
    expect(isChanged(part)).toBe(true)
    const after = dumped(THERE, changedFields(part, THERE)) as { readonly [key: string]: Json }
    expect(after['env']).toEqual({ HOST: '127.0.0.1', PORT: '7001', SECRET })
    expect(after).not.toHaveProperty('pm_id')
    expect(after).not.toHaveProperty('instances')
    const anew = listed(after)
    expect(isChanged({ ...part, processes: [anew] })).toBe(false)
    expect(textWanted(part)).not.toContain(SECRET)
  })

  it('C6 · and back, without anything of its secrets kept', () => {
    const without = listed({ env: { SECRET } })
    const [part] = parts([app()], [without])
    if (part === undefined) throw new Error('it is there')
    const { fields } = formerOf(part)
    expect(fields).toEqual({ environment: { HOST: null, PORT: null } })
    if (fields === undefined) throw new Error('it was there')
    const changed = listed(
      JSON.parse(JSON.stringify({ ...(dumped(without, changedFields(part, without)) as object), HOST: '127.0.0.1' })) as Record<
        string,
        Json
      >,
    )
    const back = JSON.parse(JSON.stringify(dumped(changed, fieldsWith(fields, changed)))) as Record<string, Json>
    expect(back['env']).toEqual({ SECRET })
    expect(back).not.toHaveProperty('HOST')
  })
})

describe('where an app listens', () => {
  const at = (text: string, port = 7001) => {
    const address = parseAddress(text)
    if (address === undefined) throw new Error(text)
    return { protocol: 'tcp' as const, address, port }
  }

  it.each([
    [[], 'absent'],
    [[at('127.0.0.1', 7002)], 'absent'],
    [[at('127.0.0.1')], 'as-told'],
    [[at('::1')], 'absent'],
    [[at('::1'), at('127.0.0.1')], 'as-told'],
    [[at('127.0.0.1'), at('0.0.0.0', 9000)], 'as-told'],
    [[at('127.0.0.1'), at('::')], 'elsewhere'],
    [[at('192.168.1.10')], 'elsewhere'],
  ])('E1 · %# is %s', (sockets, kind) => {
    expect(heard(app(), sockets).kind).toBe(kind)
  })
})
