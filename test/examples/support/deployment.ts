import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ROOT } from './requirements.ts'

/** A copy of an example as a deployment of its own: a git work tree, beside packages that are found as they are in the checkout. */
export class Deployment {
  readonly #parent: string
  readonly folder: string

  private constructor(parent: string) {
    this.#parent = parent
    this.folder = join(parent, 'app')
  }

  /** `layers` are folders below examples/, each laid over the ones before. */
  static of(...layers: readonly string[]): Deployment {
    const copy = new Deployment(mkdtempSync(join(tmpdir(), 'sp-example-')))
    symlinkSync(join(ROOT, 'node_modules'), join(copy.#parent, 'node_modules'))
    for (const layer of layers) copy.lay(layer)
    execFileSync('git', ['init', '--quiet', copy.folder])
    return copy
  }

  /** Lays a folder below examples/ over what is there. */
  lay(layer: string): void {
    cpSync(join(ROOT, 'examples', layer), this.folder, { recursive: true, filter: (path) => !/\/(?:dist|__pycache__)$/.test(path) })
  }

  /** Where things are kept that are not part of the deployment. */
  get beside(): string {
    return this.#parent
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8')
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true })
    writeFileSync(join(this.folder, path), text, { mode })
  }

  /** Throws where the text is not there: the example has changed, and the test has to follow. */
  replace(path: string, before: string, after: string): void {
    const text = this.read(path)
    if (!text.includes(before)) throw new Error(`${path} has no ${JSON.stringify(before)}`)
    this.write(path, text.replace(before, after))
  }

  /** `PATH:LINE` of the only line that has this text. */
  place(path: string, text: string): string {
    const lines = this.read(path).split('\n')
    const found = lines.flatMap((line, index) => (line.includes(text) ? [index + 1] : []))
    if (found.length !== 1) throw new Error(`${path} has ${JSON.stringify(text)} on ${found.length} lines`)
    return `${path}:${found[0]}`
  }

  /** `npm run build`, as the example's own package.json has it. */
  build(): void {
    execFileSync('npm', ['run', '--silent', 'build'], { cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] })
  }

  remove(): void {
    rmSync(this.#parent, { recursive: true, force: true })
  }
}
