import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { NewText } from '../../packages/cli/src/change/targets.ts'

/** A byte order mark and CRLF, a script that may be run, a file that only its owner reads. */
const BEFORE: Readonly<Record<string, { readonly text: string; readonly mode: number }>> = {
  'src/server.ts': { text: '\ufeffapp.listen(7001)\r\n// unverändert\r\n', mode: 0o644 },
  'run.sh': { text: '#!/bin/sh\nexec node server.js --host 0.0.0.0\n', mode: 0o755 },
  'conf/app.env': { text: 'HOST=0.0.0.0\nTOKEN=not-for-others\n', mode: 0o600 },
  'untouched.txt': { text: 'as it was\n', mode: 0o640 },
}

/** The change of three files, and a new one. Texts are without their mark, as they are read. */
export const CHANGES: readonly NewText[] = [
  {
    path: 'src/server.ts',
    from: 'app.listen(7001)\r\n// unverändert\r\n',
    to: "app.listen(7001, '127.0.0.1')\r\n// unverändert\r\n",
  },
  { path: 'run.sh', from: BEFORE['run.sh']?.text, to: '#!/bin/sh\nexec node server.js --host 127.0.0.1\n' },
  { path: 'conf/app.env', from: BEFORE['conf/app.env']?.text, to: 'HOST=127.0.0.1\nTOKEN=not-for-others\n' },
  { path: '.gitignore', from: undefined, to: '/conf/app.env\n' },
]

/** Makes the folder as it is before the change. */
export function makeFolder(root: string): void {
  for (const [path, { text, mode }] of Object.entries(BEFORE)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
    chmodSync(join(root, path), mode)
  }
}

/** Every file of a folder with its mode and bytes, without what is Sallyport’s own. */
export function stateOf(root: string): Readonly<Record<string, string>> {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !/^\.sallyport(?:\/|$)/.test(path) && statSync(join(root, path)).isFile(),
  )
  return Object.fromEntries(
    files.toSorted().map((path) => {
      const { mode } = statSync(join(root, path))
      return [path, `${(mode & 0o777).toString(8)} ${readFileSync(join(root, path)).toString('base64')}`]
    }),
  )
}
