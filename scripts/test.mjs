// `npm test`: every test that this machine can run; what needs root or a system package says why it was skipped.
import { spawnSync } from 'node:child_process'
import { ROOT, build, install, installTestServers, requireNode } from './bootstrap.mjs'

requireNode()
install()
installTestServers()
build()
const result = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
})
process.exit(result.status ?? 2)
