import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { Shell } from './shell.ts'

describe('programs that one shell runs', () => {
  it('are told apart, by what each wrote and how it ended', async () => {
    const shell = new Shell()
    const answers = await Promise.all([
      shell.run('printf', ['%s\\n', "it's", '"$HOME" `id` \\ * ;', '']),
      shell.run('sh', ['-c', 'echo a; echo b >&2; exit 3']),
      shell.run('no-such-program', []),
      shell.run('cat', [], "one's\n%s two"),
      shell.run('sh', ['-c', 'echo Operation not permitted >&2; exit 1']),
      shell.run('true', []),
    ])
    expect(answers).toEqual([
      { kind: 'ok', stdout: 'it\'s\n"$HOME" `id` \\ * ;\n\n', stderr: '' },
      { kind: 'failed', code: 3, stdout: 'a\n', stderr: 'b\n' },
      { kind: 'missing' },
      { kind: 'ok', stdout: "one's\n%s two", stderr: '' },
      { kind: 'denied', stderr: 'Operation not permitted\n' },
      { kind: 'ok', stdout: '', stderr: '' },
    ])
  })

  it('answer in the order that they were asked in, however much they write', async () => {
    const shell = new Shell()
    const texts = await Promise.all(['x', 'y'].map((word) => shell.run('sh', ['-c', `yes ${word} | head -c 3000000`])))
    expect(texts.map((ran) => (ran.kind === 'ok' ? [ran.stdout.length, new Set(ran.stdout)] : ran))).toEqual([
      [3_000_000, new Set(['x', '\n'])],
      [3_000_000, new Set(['y', '\n'])],
    ])
  })

  it('C4 · are not taken for each other where one writes what ends an answer', async () => {
    const shell = new Shell()
    const answers = await Promise.all([shell.run('head', ['-c', '100000', '/dev/zero']), shell.run('echo', ['x'])])
    for (const answer of answers) expect(answer).toMatchObject({ kind: 'failed', stderr: 'an answer with a NUL in it' })
  })

  it('run where there is no namespace to enter: none, and why', async () => {
    const shell = new Shell('/nonexistent')
    const answers = await Promise.all([shell.run('true', []), shell.run('true', [])])
    for (const answer of answers) expect(answer).toMatchObject({ kind: 'failed', stderr: expect.stringMatching(/nonexistent/) })
  })

  it('wait for their turn where many shells are asked at once, and have all of their time then', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => new Shell().run('echo', [String(index)])))
    expect(answers).toEqual(answers.map((_, index) => ({ kind: 'ok', stdout: `${index}\n`, stderr: '' })))
    // What could not be started gives its turn back, too.
    const missed = await Promise.all(Array.from({ length: 40 }, () => new Shell('/nonexistent').run('true', [])))
    expect(new Set(missed.map(({ kind }) => kind))).toEqual(new Set(['failed']))
    expect((await new Shell().run('echo', ['x'])).kind).toBe('ok')
  })

  it('leave nothing running', async () => {
    const shell = new Shell()
    const answer = await shell.run('sh', ['-c', 'echo $$'])
    const pid = answer.kind === 'ok' ? answer.stdout.trim() : ''
    expect(pid).toMatch(/^\d+$/)
    expect(spawnSync('kill', ['-0', pid]).status).not.toBe(0)
  })
})
