import { applyTexts, recover, takeBack } from '../../packages/cli/src/change/apply.ts'
import { DISK, type Disk } from '../../packages/cli/src/change/disk.ts'
import { CHANGES } from './folder.ts'

/**
 * Does one thing to a folder, and is killed at a step of it: `WHAT ROOT STEP`. Steps are counted from 0 over everything that changes the
 * disk; with a half (`7.5`) the text that a step writes is cut in its middle. Prints the kind of each step if it lives: `w` where a
 * text is written, else `-`.
 */
const [what = '', root = '', at = ''] = process.argv.slice(2)

let step = 0
let kinds = ''

function kill(): never {
  process.kill(process.pid, 'SIGKILL')
  for (;;);
}

/** The step itself, unless the process is to end before it. */
function counted<T>(act: () => T, half?: () => void): T {
  if (String(step) === at) kill()
  if (`${step}.5` === at) {
    half?.()
    kill()
  }
  step++
  kinds += half === undefined ? '-' : 'w'
  return act()
}

const disk: Disk = {
  ...DISK,
  create: (path) => counted(() => DISK.create(path)),
  fill: (descriptor, bytes) =>
    counted(
      () => DISK.fill(descriptor, bytes),
      () => DISK.fill(descriptor, bytes.subarray(0, bytes.length >> 1)),
    ),
  give: (path, manner) => counted(() => DISK.give(path, manner)),
  carry: (from, to) => counted(() => DISK.carry(from, to)),
  sync: (descriptor) => counted(() => DISK.sync(descriptor)),
  close: (descriptor) => counted(() => DISK.close(descriptor)),
  rename: (from, to) => counted(() => DISK.rename(from, to)),
  remove: (path) => counted(() => DISK.remove(path)),
  syncDirectory: (path) => counted(() => DISK.syncDirectory(path)),
}

if (what === 'apply') await applyTexts(root, 'fix', CHANGES, disk)
else if (what === 'undo') await takeBack(root, disk)
else await recover(root, disk)
process.stdout.write(kinds)
