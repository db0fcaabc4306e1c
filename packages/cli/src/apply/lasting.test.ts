import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { refuseChanged, unwriteLasting, withBefore, writeLasting } from './lasting.ts'

const folder = mkdtempSync(join(tmpdir(), 'sp-lasting-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('what a confirmed change writes', () => {
  it('C6 · is written, and taken back, only where nobody has changed the file since', () => {
    const path = join(folder, 'user.rules')
    writeFileSync(path, 'one\n')
    const files = withBefore([{ path, text: 'two\n' }])
    expect(() => refuseChanged(files)).not.toThrow()
    writeLasting(files)
    expect(() => refuseChanged(files)).not.toThrow()
    writeFileSync(path, 'two\na ban of somebody’s\n')
    expect(() => refuseChanged(files)).toThrow(`${path} was changed since, which would be lost`)
    // Moved elsewhere, nothing of it can be lost.
    rmSync(path)
    expect(() => refuseChanged(files)).not.toThrow()
    unwriteLasting(files)
    expect(readFileSync(path, 'utf8')).toBe('one\n')
  })
})
