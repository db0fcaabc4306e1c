// `npm start`: from a fresh clone to the report of this machine. Arguments after `--` go to `sallyport check`; without any, the machine alone
// is looked at, since this repository's own examples and test projects are no deployment.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { ROOT, build, install, requireNode } from './bootstrap.mjs'

requireNode()
install()
build()
const given = process.argv.slice(2)
const result = spawnSync(
  process.execPath,
  [join(ROOT, 'packages/cli/dist/main.js'), 'check', '--fail-on', 'never', ...(given.length === 0 ? ['--scope', 'host'] : given)],
  // npm goes to the folder of package.json; what was typed is meant from where it was typed.
  { stdio: 'inherit', cwd: given.length === 0 ? ROOT : (process.env['INIT_CWD'] ?? process.cwd()) },
)
process.stderr.write(
  `\nnext: in your deployment's folder, node ${join(ROOT, 'packages/cli/dist/main.js')} COMMAND; what is called sallyport is that\n`,
)
process.exit(result.status ?? 2)
