import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { GitTime } from './git.ts'
import { collectFolder } from './index.ts'
import { walkFolder } from './walk.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sp-walk-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function git(...args: readonly string[]): void {
  execFileSync('git', args, { cwd: folder, stdio: 'ignore' })
}

/** As a clone without `--recurse-submodules` leaves it. */
function submodule(path: string): void {
  git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},${path}`)
}

describe('submodules', () => {
  it('one that is not checked out is told once, with what brings it', async () => {
    git('init')
    submodule('sub/lib')
    submodule('sub/gone')
    mkdirSync(join(folder, 'sub/lib'), { recursive: true })
    writeFileSync(join(folder, 'server.js'), '')
    const walk = await walkFolder(folder)
    expect(walk.paths).toEqual(['server.js'])
    expect(walk.complete).toBe(true)
    expect(walk.unlisted.map(({ path, why }) => `${path}: ${why}`)).toEqual([
      'sub/gone: a submodule that is not checked out',
      'sub/lib: a submodule that is not checked out',
    ])
    const gaps = (await collectFolder(folder, 0)).flatMap(({ claim }) => (claim.claim === 'gap' ? [claim] : []))
    expect(gaps.map(({ code, what, remedy }) => [code, what, remedy?.split(',')[0]])).toContainEqual([
      'absent',
      'the directory sub/lib (a submodule that is not checked out)',
      'git submodule update --init',
    ])
  })

  it('the files of one without its repository are read, those of one with it as git lists them', async () => {
    git('init')
    submodule('sub/copied')
    mkdirSync(join(folder, 'sub/copied'), { recursive: true })
    writeFileSync(join(folder, 'sub/copied/server.js'), '')
    mkdirSync(join(folder, 'sub/cloned'))
    execFileSync('git', ['init'], { cwd: join(folder, 'sub/cloned'), stdio: 'ignore' })
    writeFileSync(join(folder, 'sub/cloned/.gitignore'), 'ignored.js\n')
    for (const name of ['server.js', 'ignored.js']) writeFileSync(join(folder, 'sub/cloned', name), '')
    const walk = await walkFolder(folder)
    expect(walk.paths).toEqual(['sub/cloned/.gitignore', 'sub/cloned/server.js', 'sub/copied/server.js'])
    expect(walk.unlisted).toEqual([])
  })
})

describe('what git does not tell', () => {
  it('is looked for without it, within one time for all repositories', { timeout: 20_000 }, async () => {
    git('init')
    writeFileSync(join(folder, 'server.js'), '')
    for (const name of ['a', 'b', 'c']) {
      mkdirSync(join(folder, name))
      execFileSync('git', ['init'], { cwd: join(folder, name), stdio: 'ignore' })
      // git opens it, and waits for somebody who writes.
      execFileSync('mkfifo', [join(folder, name, '.gitignore')])
      writeFileSync(join(folder, name, 'own.js'), '')
    }
    const began = performance.now()
    const walk = await walkFolder(folder, new GitTime(4_000))
    expect(performance.now() - began).toBeLessThan(8_000)
    expect(walk.paths.filter((path) => path.endsWith('.js'))).toEqual(['a/own.js', 'b/own.js', 'c/own.js', 'server.js'])
    expect(walk.withoutGit).toEqual(['a', 'b', 'c'].map((path) => ({ path, kind: 'timeout', why: 'git gave no answer in time' })))
  })

  it('of what it ignores is no empty list: then all files are looked at, and it is told', async () => {
    git('init')
    writeFileSync(join(folder, '.gitignore'), 'x*\n.env\n')
    writeFileSync(join(folder, '.env'), '')
    // git lists these one by one, for their directory has a file that it does not ignore: more than is taken of an answer.
    let deep = folder
    while (deep.length < 3_600) deep = join(deep, 'd'.repeat(250))
    mkdirSync(deep, { recursive: true })
    writeFileSync(join(deep, 'kept'), '')
    for (let count = 0; count < 19_000; count++) closeSync(openSync(join(deep, `x${count}`), 'w'))
    const walk = await walkFolder(folder)
    expect(walk.withoutGit).toEqual([{ path: '', kind: 'too-large', why: 'those that it ignores: git’s answer was too large' }])
    expect(walk.paths).toContain('.env')
    const [told] = (await collectFolder(folder, 0)).flatMap(({ claim }) => (claim.claim === 'gap' && /git/.test(claim.what) ? [claim] : []))
    expect(told).toMatchObject({ code: 'limit', remedy: 'check the parts of the folder one by one' })
  })

  it('is told with what helps: a git that does not end is there', { timeout: 30_000 }, async () => {
    git('init')
    execFileSync('mkfifo', [join(folder, '.gitignore')])
    const gaps = (await collectFolder(folder, 0)).flatMap(({ claim }) => (claim.claim === 'gap' && /git/.test(claim.what) ? [claim] : []))
    expect(gaps).toMatchObject([{ code: 'limit', remedy: expect.stringMatching(/^run it again when the machine is less busy/) }])
  })
})
