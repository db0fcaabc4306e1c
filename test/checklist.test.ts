import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { show } from '@sallyport/core/evidence'
import { audit } from '@sallyport/core/audit'
import type { Evidence } from '@sallyport/core/evidence'
import { parsePolicy, type RuleName } from '@sallyport/core/policy'
import { WRITABLE } from '@sallyport/core/systems'
import { describe, expect, it } from 'vitest'
import { answersOf } from '../packages/cli/src/checklist/answer.ts'
import type { Item } from '../packages/cli/src/checklist/item.ts'
import { CHECKLISTS, COMMON_ITEMS } from '../packages/cli/src/checklist/lists.ts'
import { look } from '../packages/cli/src/commands/look.ts'
import { program } from '../packages/cli/src/program/index.ts'
import { server, table } from '../packages/core/test/filtered-server.ts'
import { socket } from '../packages/core/test/reach.ts'
import { see } from '../packages/core/test/server.ts'
import { checklistsPage } from '../scripts/docs/checklists.ts'
import { folder, ROOT, sallyport } from './cli.ts'

const ITEMS = [...CHECKLISTS.flatMap(({ items }) => items), ...COMMON_ITEMS]

interface Data {
  readonly lists: readonly {
    readonly name: string
    readonly items: readonly {
      readonly id: string
      readonly verdict: string
      readonly undecided: boolean
      readonly evidence: readonly string[]
    }[]
  }[]
}

/** `sallyport checklist`, by JSON: the verdict of each item. */
function verdicts(...args: readonly string[]) {
  const { stdout, status, stderr } = sallyport('checklist', '--format', 'json', ...args)
  expect(stdout, stderr).toMatch(/^\{/)
  const { lists } = JSON.parse(stdout) as Data
  const items = lists.flatMap((list) => list.items)
  return {
    status,
    lists: lists.map(({ name }) => name),
    of: (id: string) => items.find((item) => item.id === id)?.verdict,
    undecided: items.filter((item) => item.undecided).map((item) => item.id),
    ids: (verdict: string) => items.filter((item) => item.verdict === verdict).map((item) => item.id),
    evidence: (id: string) => items.find((item) => item.id === id)?.evidence.join('\n') ?? '',
  }
}

/** The folder as a git repository in which every file is committed that it does not ignore. */
function committed(path: string): void {
  const git = (...args: readonly string[]) =>
    execFileSync('git', ['-C', path, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { stdio: 'ignore' })
  git('init')
  git('add', '.')
  git('commit', '--message', 'first')
}

describe('the checklists', () => {
  it('C7 · every numbered line of the requirements has an item', () => {
    const lines = Object.entries({ E: 8, M: 17, V: 10, P: 15, I: 14, C: 7 }).flatMap(([letter, count]) =>
      Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
    )
    const covered = new Set(ITEMS.map(({ requirement }) => requirement))
    expect(lines.filter((line) => !covered.has(line))).toEqual([])
    expect([...covered].filter((line) => !lines.includes(line))).toEqual([])
    expect(new Set(ITEMS.map(({ id }) => id)).size).toBe(ITEMS.length)
  })

  it('C7 · every item has a command that there is, and what a program answers has a test', () => {
    const commands = program().commands.map((command) => command.name())
    const unknown = ITEMS.map(({ command }) => command).filter(
      (command) => command.startsWith('sallyport ') && !commands.includes(command.split(' ')[1] ?? ''),
    )
    expect(unknown).toEqual([])
    const systems = WRITABLE.map(({ name }) => name)
    const rendered = ITEMS.flatMap(({ command }) => /^sallyport render ([\w-]+)/.exec(command)?.[1] ?? [])
    expect(rendered.filter((name) => !systems.includes(name))).toEqual([])
    expect(ITEMS.filter(({ answer, test }) => answer.kind !== 'by-hand' && test === undefined).map(({ id }) => id)).toEqual([])
  })

  it('C7 · what is to be looked at is told whole: no word of it is taken for a secret', () => {
    const looks = ITEMS.flatMap(({ answer }) => (answer.kind === 'by-hand' ? [answer.look] : []))
    expect(looks.filter((text) => show(text, 1000) !== text)).toEqual([])
  })

  it('C7 · the page names for each item a test that there is', () => {
    const page = checklistsPage()
    for (const { text } of ITEMS) expect(page).toContain(text.replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;'))
    expect(readFileSync(join(ROOT, 'docs/checklists.md'), 'utf8')).toBe(page)
  })

  it('C7 · nothing passes of which nothing was seen', async () => {
    const report = await look(folder(), { scope: 'folder' })
    const passed = answersOf(ITEMS, { report, files: new Set() }).filter(({ verdict }) => verdict !== 'by-hand')
    expect(passed.map(({ item }) => item.id)).toEqual([])
  })

  it('C7 M16 · of a git repository without anything that could have a secret nothing passes', async () => {
    const path = folder({ 'README.md': '# Nothing yet\n' })
    committed(path)
    const report = await look(path, { scope: 'folder' })
    const passed = answersOf(ITEMS, { report, files: new Set(['.git', 'README.md']) }).filter(({ verdict }) => verdict !== 'by-hand')
    expect(passed.map(({ item }) => item.id)).toEqual([])
  })

  it('C7 M12 V5 · of a packet filter without rules nothing passes', () => {
    const { policy } = parsePolicy({
      files: new Map([['sallyport.yaml', 'version: 1\nservices: { ssh: { port: 22, from: internet } }\n']]),
      entry: 'sallyport.yaml',
    })
    const passed = (evidence: readonly Evidence[]): readonly string[] => {
      const report = audit({ evidence, policy, folder: '/srv', now: 0, environment: undefined })
      const items = ITEMS.filter(({ id }) => ['M12.firewall', 'V5.firewall', 'V5.kept'].includes(id))
      return answersOf(items, { report, files: new Set() }).flatMap(({ verdict, item }) => (verdict === 'pass' ? [item.id] : []))
    }
    const ssh = see(socket('tcp', '0.0.0.0', 22))
    expect(passed([...server('*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n'), ssh])).toEqual([])
    expect(passed([...server(table('-p tcp -m tcp --dport 22 -j ACCEPT')), ssh])).toEqual(['M12.firewall', 'V5.firewall', 'V5.kept'])
  })

  it('C7 C1 · a test of the policy that fails is told with its rule and its place', () => {
    const text =
      'version: 1\nhosts: { localhost: { upstream: none } }\nservices: { ssh: { host: localhost, port: 22 } }\ntests: [{ from: internet, deny: ssh }]\n'
    const { policy } = parsePolicy({ files: new Map([['sallyport.yaml', text]]), entry: 'sallyport.yaml' })
    const evidence = [...server('*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n'), see(socket('tcp', '0.0.0.0', 22))]
    const report = audit({ evidence, policy, folder: '/srv', now: 0, environment: undefined })
    const items = ITEMS.filter(({ id }) => id === 'C1.policy')
    expect(answersOf(items, { report, files: new Set() })).toMatchObject([
      {
        verdict: 'fail',
        evidence: ['A test denies ssh to internet, and the internet (IPv4) can reach it (claim-failed, sallyport.yaml:4:33)'],
      },
    ])
  })

  it('C7 · that something listens is no answer of a health check: no item of one passes by it', () => {
    const ofHealth = ITEMS.filter(({ text }) => /health check|-health`/.test(text))
    expect(ofHealth.map(({ id, answer }) => [id, answer.kind])).toContainEqual(['V7.health', 'by-hand'])
    expect(ofHealth.filter(({ answer }) => answer.kind !== 'by-hand')).toEqual([])
  })

  it('C7 · what somebody accepted makes nothing pass: what is told in place of it, what a fact rests on, what is undecided', async () => {
    const policy = 'version: 1\nname: m\nservices:\n  web: { port: 7001 }\n'
    const report = await look(
      folder({
        'sallyport.yaml': `${policy}accept:\n  - { rule: binds-every-interface, reason: later }\n`,
        'server.js': "require('express')().listen(7001)\n",
      }),
      { scope: 'folder' },
    )
    const [accepted] = report.accepted
    if (accepted === undefined) throw new Error('nothing was accepted')
    const verdictOf = (asked: Item, rule: RuleName): string | undefined => {
      const view = { ...report, findings: [], accepted: [{ ...accepted, finding: { ...accepted.finding, rule } }] }
      return answersOf([asked], { report: view, files: new Set() })[0]?.verdict
    }
    const item = (answer: Item['answer']): Item => ({ id: 'E2.x', requirement: 'E2', phase: 'before', text: '', command: '', answer })
    const source = item({ kind: 'rules', rules: ['binds-every-interface'], sees: ['source'] })
    const reached = item({ kind: 'fact', fact: 'onlyMeantReached', sees: [] })
    expect([verdictOf(source, 'proxy-target'), verdictOf(reached, 'proxy-target')]).toEqual(['pass', 'pass'])
    expect([verdictOf(source, 'opens-on-restart'), verdictOf(source, 'undecided')]).toEqual(['by-hand', 'by-hand'])
    expect(verdictOf(reached, 'private-reachable')).toBe('by-hand')
  })
})

describe('sallyport checklist', () => {
  it('C7 · with the machine too, where what opens on the next start is told of a service in place of the line that binds', () => {
    expect(verdicts('--folder', 'examples/engines/wrong').of('E2.source')).toBe('fail')
  })

  it('C7 · engines, wrong: what its owners had fails, each with its place', () => {
    const { status, of, evidence, lists } = verdicts('--folder', 'examples/engines/wrong', '--scope', 'folder')
    expect(status).toBe(1)
    expect(lists).toEqual(['engines', 'common'])
    for (const id of ['E2.source', 'E3.ecosystem', 'E5.proxied', 'E8.configurable']) expect([id, of(id)]).toEqual([id, 'fail'])
    expect(evidence('E2.source')).toMatch(/binds-every-interface, [\w./-]+:\d+:\d+/)
    expect(evidence('E5.proxied')).toContain('192.0.2.10:7008')
  })

  it('C7 · engines, right: what files tell passes; what only the machine tells is by hand without it', () => {
    const { status, ids, of } = verdicts('engines', '--folder', 'examples/engines/right', '--scope', 'folder')
    expect(status).toBe(0)
    expect(ids('pass')).toEqual(['E2.source', 'E3.ecosystem', 'E8.configurable', 'E5.proxied'])
    for (const id of ['E1.loopback', 'E1.running', 'E6.nginx-only', 'E1.strangers']) expect([id, of(id)]).toEqual([id, 'by-hand'])
  })

  it('C7 · monitoring: a published database fails, and its owner’s acceptance makes it by hand, never a pass', () => {
    const compose = 'services:\n  postgres: { image: postgres:16, ports: ["5432:5432"] }\n'
    const policy = 'version: 1\nname: m\nservices:\n  postgres: { port: 5432 }\n'
    const accept =
      'accept:\n  - { rule: published-private, service: postgres, reason: moved next week }\n  - { rule: datastore-reachable, service: postgres, reason: moved next week }\n'
    const wrong = verdicts(
      'monitoring',
      '--folder',
      folder({ 'docker-compose.yml': compose, 'sallyport.yaml': policy }),
      '--scope',
      'folder',
    )
    expect([wrong.status, wrong.of('M1.published')]).toEqual([1, 'fail'])
    const accepted = verdicts(
      'monitoring',
      '--folder',
      folder({ 'docker-compose.yml': compose, 'sallyport.yaml': policy + accept }),
      '--scope',
      'folder',
    )
    expect(accepted.of('M1.published')).toBe('by-hand')
    expect(accepted.evidence('M1.published')).toContain('moved next week')
    const right = verdicts('monitoring', '--folder', 'examples/monitoring', '--scope', 'folder')
    expect(right.of('M1.published')).toBe('pass')
  })

  it('C7 M16 · a word that a committed compose file gives to a secret is no pass; without any it passes where there is an environment file', () => {
    const compose = (password: string): string =>
      `services:\n  db:\n    image: postgres:16\n    environment: { POSTGRES_PASSWORD: "${password}" }\n`
    const answer = (password: string, more: Readonly<Record<string, string>>) => {
      const path = folder({ 'compose.yaml': compose(password), '.gitignore': '.env\n', ...more })
      committed(path)
      return verdicts('monitoring', '--folder', path, '--scope', 'folder')
    }
    const word = answer('hunter2', { '.env': 'PORT=8000\n' })
    expect([word.of('M16.secrets'), word.evidence('M16.secrets')]).toEqual([
      'fail',
      'compose.yaml is committed to git, and gives POSTGRES_PASSWORD a value (secret-committed, compose.yaml:4:39)',
    ])
    expect(answer('${POSTGRES_PASSWORD}', { '.env': 'POSTGRES_PASSWORD=q8Jw3vXn5tRk7ZbYd2Lf9Hs4\n' }).of('M16.secrets')).toBe('pass')
    expect(answer('${POSTGRES_PASSWORD}', {}).of('M16.secrets')).toBe('by-hand')
  })

  it('C7 · an example of an environment file is none, and a placeholder in the file itself fails', () => {
    const at = (name: string) =>
      verdicts('monitoring', '--folder', folder({ [name]: 'JWT_SECRET=your_jwt_secret\n' }), '--scope', 'folder').of('M9.keys')
    expect([at('.env.example'), at('.env')]).toEqual(['by-hand', 'fail'])
  })

  it('C7 · voice: the port, its origins and the score, in the environment that is named', () => {
    const path = folder()
    for (const layer of ['right', 'wrong/wildcard-origin']) execFileSync('cp', ['-r', `${join(ROOT, 'examples/voice', layer)}/.`, path])
    execFileSync('cp', [join(path, '.env.example'), join(path, '.env')])
    const { of, lists } = verdicts('--folder', path, '--scope', 'folder', '--environment', 'development')
    expect(lists).toContain('voice')
    expect([of('V3.origins'), of('V2.score'), of('V1.level')]).toEqual(['fail', 'fail', 'pass'])
  })

  it('C7 · poker: no guard, and a script that overrides the host', () => {
    const { of, lists } = verdicts('--folder', 'examples/poker/wrong', '--scope', 'folder')
    expect(lists).toEqual(['poker', 'common'])
    expect([of('P8.guard'), of('P8.scripts'), of('P9.audit')]).toEqual(['fail', 'fail', 'fail'])
    const right = verdicts('poker', '--folder', 'examples/poker/right', '--scope', 'folder')
    expect([right.of('P8.guard'), right.of('P8.scripts'), right.of('P9.audit')]).toEqual(['pass', 'pass', 'pass'])
  })

  it('C7 P8 · where nothing says what speaks HTTP no guard was looked for, and none is passed', () => {
    const at = (services: string, files: Readonly<Record<string, string>>) => {
      const policy = `version: 1\nname: poker\nservices:\n${services}`
      const told = verdicts('poker', '--folder', folder({ 'sallyport.yaml': policy, ...files }), '--scope', 'folder')
      return [told.of('P8.guard'), told.evidence('P8.guard')]
    }
    const server = { 'server.js': "require('http').createServer((q, s) => s.end('x')).listen(8765, '127.0.0.1')\n" }
    const api = '  api: { port: 8765 }\n'
    const untold =
      'nothing to judge it by: the policy says of no service for this machine alone that it speaks HTTP (http: {}), so that no guard was looked for: api'
    expect(at(api, server)).toEqual(['by-hand', untold])
    expect(at('  api: { port: 8765, http: {} }\n', server)[0]).toBe('fail')
    const unread = 'nothing to judge it by: no source was found that could have a guard: solver'
    expect(at(`${api}  solver: { port: 8766, http: {} }\n`, server)).toEqual(['by-hand', unread])
  })

  it('C7 M9 M10 · a key that no environment file has is neither strong nor weak', () => {
    const of = (env: string) => {
      const path = folder({ '.env': env, 'docker-compose.yml': 'services:\n  api: { image: "node:20", env_file: .env }\n' })
      const told = verdicts('monitoring', '--folder', path, '--scope', 'folder')
      return [told.of('M9.keys'), told.of('M10.environment')]
    }
    const key = 'q8Jw3vXn5tRk7ZbYd2Lf9Hs4Pc6Gm1Ta'
    expect(of('LOG_LEVEL=info\n')).toEqual(['by-hand', 'by-hand'])
    expect(of('JWT_SECRET=\nINTERNAL_API_KEY=\n')).toEqual(['by-hand', 'by-hand'])
    expect(of(`JWT_SECRET=${key}\n`)).toEqual(['by-hand', 'pass'])
    expect(of(`JWT_SECRET=${key}\nINTERNAL_API_KEY=m7Vd2Qx9Lr4Wz8Bn3Kt6Jc5Hf1Gy0PsE\n`)).toEqual(['pass', 'pass'])
    expect(of('JWT_SECRET=changeme\n')).toEqual(['fail', 'fail'])
  })

  it('C7 · telephony: what is in the account is by hand, with where to look', () => {
    const { of, lists, evidence } = verdicts('--folder', 'docs/tours/telephony', '--scope', 'folder')
    expect(lists).toEqual(['telephony', 'common'])
    expect(of('I3.ssh')).toBe('by-hand')
    expect(evidence('I10.s3')).toContain('Block all public access')
  })

  it('C7 · where none fits, that is said, and what holds for every deployment is asked', () => {
    const path = folder()
    expect(verdicts('--folder', path, '--scope', 'folder').lists).toEqual(['common'])
    expect(sallyport('checklist', '--folder', path, '--scope', 'folder').stderr).toMatch(
      /^note: no kind of deployment that has a checklist is seen here, .* by name there is engines, monitoring, voice, poker, telephony\n$/,
    )
    expect(sallyport('checklist', '--folder', 'examples/engines/right', '--scope', 'folder').stderr).toBe('')
    expect(verdicts('engines', '--folder', path, '--scope', 'folder').lists).toEqual(['engines'])
  })

  it('C7 · what could not be understood is undecided, never a pass: exit 3', () => {
    const path = folder({ 'sallyport.yaml': 'version: 1\nname: x\nservices:\n  app: { port: 7001 }\n' })
    mkdirSync(join(path, 'src'))
    writeFileSync(join(path, 'src/index.js'), "const { host } = await loadSettings()\nrequire('express')().listen(7001, host)\n")
    const { status, of, undecided } = verdicts('engines', '--folder', path, '--scope', 'folder')
    expect(of('E2.source')).toBe('by-hand')
    expect(undecided).toContain('E2.source')
    expect(status).toBe(3)
    expect(sallyport('checklist', 'engines', '--folder', path, '--scope', 'folder', '--allow-unknown').status).toBe(0)
  })

  it('C7 · --phase, --fail-on, markdown, and a name that there is not', () => {
    const wrong = ['--folder', 'examples/engines/wrong', '--scope', 'folder'] as const
    expect(verdicts('engines', ...wrong, '--phase', 'incident').ids('fail')).toEqual([])
    expect(sallyport('checklist', ...wrong, '--fail-on', 'never').status).toBe(0)
    const { stdout } = sallyport('checklist', 'engines', ...wrong, '--format', 'markdown')
    expect(stdout).toContain('- [ ] **FAIL** No source binds every interface')
    const unknown = sallyport('checklist', 'engine')
    expect([unknown.status, unknown.stdout]).toEqual([2, ''])
    expect(unknown.stderr).toContain('did you mean engines?')
  })
})
