import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { REVERTER } from './reverter.ts'

const folder = mkdtempSync(join(tmpdir(), 'sp-reverter-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('what takes a change back', () => {
  it('M12 · says that it is taken back only after the way back has been gone, also where the disk has no room', () => {
    writeFileSync(join(folder, 'armed'), '')
    writeFileSync(join(folder, 'way-back'), 'mkdir gone\n')
    // A script that was written now would be empty, and an empty one does nothing and succeeds.
    const script = `ulimit -f 0\n${REVERTER}`
    spawnSync('/bin/sh', ['-c', script, 'revert.sh', 'now'], { cwd: folder })
    expect(['gone', 'reverted', 'stuck'].map((name) => existsSync(join(folder, name)))).toEqual([true, true, false])
  })
})
