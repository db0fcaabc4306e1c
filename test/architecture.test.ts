import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('node_modules'))
    .map((path) => join(folder, path))
}

function imports(path: string): readonly string[] {
  const text = readFileSync(join(root, path), 'utf8')
  return [
    ...text.matchAll(
      /(?:^|\n)(?:import|export)\b[^;'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '')
}

/** The order of the flow: a folder imports only from those before it, and from itself. */
const FLOW = ['network', 'evidence', 'policy', 'systems', 'reach', 'audit']

describe('the house', () => {
  const core = sources('packages/core/src')

  it('has files to look at', () => {
    expect(core.length).toBeGreaterThan(50)
  })

  it.each(FLOW)('core/%s imports only what comes before it in the flow', (folder) => {
    const allowed = FLOW.slice(0, FLOW.indexOf(folder) + 1)
    const wrong = core
      .filter((path) => path.startsWith(`packages/core/src/${folder}/`))
      .flatMap((path) =>
        imports(path)
          .filter((name) => name.startsWith('.'))
          .map((name) => relative(join(root, 'packages/core/src'), resolve(root, dirname(path), name)).split('/')[0] ?? '')
          .filter((target) => !allowed.includes(target))
          .map((target) => `${path} → ${target}`),
      )
    expect(wrong).toEqual([])
  })

  // Names of Node, of the browser and of the environment do not compile in core, which has no types for them; the clock is part of the language.
  it('core does no I/O: no module of Node, no clock', () => {
    const wrong = core.flatMap((path) => {
      const text = readFileSync(join(root, path), 'utf8')
      const clock = [...text.matchAll(/\bDate\.now\(|\bnew Date\(\)/g)].map((match) => match[0])
      return [...imports(path).filter((name) => name.startsWith('node:')), ...clock].map((what) => `${path}: ${what}`)
    })
    expect(wrong).toEqual([])
    expect(readFileSync(join(root, 'tsconfig.base.json'), 'utf8')).toContain('"types": []')
  })

  it('core imports no package but those it declares', () => {
    const declared = Object.keys(
      (JSON.parse(readFileSync(join(root, 'packages/core/package.json'), 'utf8')) as { dependencies: Record<string, string> }).dependencies,
    )
    const wrong = core.flatMap((path) =>
      imports(path)
        .filter((name) => !name.startsWith('.') && !declared.some((item) => name === item || name.startsWith(`${item}/`)))
        .map((name) => `${path}: ${name}`),
    )
    expect(wrong).toEqual([])
  })

  it('only a system’s own folder knows its name: nothing in reach/ and audit/ imports from a folder of systems/', () => {
    const wrong = core
      .filter((path) => /src\/(?:reach|audit)\//.test(path))
      .flatMap((path) =>
        imports(path)
          .filter((name) => /systems\/[a-z]/.test(name) && !name.endsWith('systems/index.ts'))
          .map((name) => `${path}: ${name}`),
      )
    expect(wrong).toEqual([])
  })

  it('guard imports nothing but Node, core/network, and jose where tokens are verified', () => {
    const guard = sources('packages/guard/src')
    expect(guard.length).toBeGreaterThan(30)
    const wrong = guard.flatMap((path) =>
      imports(path)
        .filter((name) => !name.startsWith('.') && !name.startsWith('node:') && name !== '@sallyport/core/network')
        .filter((name) => !(name === 'jose' && path.endsWith('access/tokens.ts')))
        .map((name) => `${path}: ${name}`),
    )
    expect(wrong).toEqual([])
    const { dependencies } = JSON.parse(readFileSync(join(root, 'packages/guard/package.json'), 'utf8')) as { dependencies?: object }
    expect(dependencies).toBeUndefined()
  })
})
