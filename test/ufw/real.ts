import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface UfwCase {
  readonly name: string
  /** `ufw` with each of these words, in order. */
  readonly commands: readonly string[]
  /** Assignments that are changed in /etc/default/ufw. */
  readonly settings?: Readonly<Record<string, string>>
  /** Text that is added to the end of files in /etc/ufw; `null` empties the file. */
  readonly files?: Readonly<Record<string, string | null>>
}

export interface UfwResult {
  /** /etc/ufw and /etc/default/ufw after the commands, by path. */
  readonly files: ReadonlyMap<string, string>
  /** What `ip[6]tables-save` prints after a start like that of a boot. */
  readonly saved: Readonly<Record<4 | 6, string>>
  /** What `ufw show added` lists. */
  readonly added: readonly string[]
}

export function whyNot(): string | undefined {
  for (const program of ['/usr/sbin/ufw', '/lib/ufw/ufw-init', '/usr/sbin/iptables-nft-save'])
    if (!existsSync(program)) return `${program} is not installed`
  const made = spawnSync('unshare', ['-n', '-m', 'true'], { encoding: 'utf8' })
  return made.status === 0 ? undefined : `no namespaces can be made: ${made.stderr || made.error?.message}`
}

/** Real ufw with private copies of its files, in network and mount namespaces that end with it: the machine's own firewall is not touched. */
export function runUfw(each: UfwCase): UfwResult {
  const root = mkdtempSync(join(tmpdir(), 'sp-ufw-'))
  try {
    cpSync('/etc/ufw', join(root, 'ufw'), { recursive: true })
    for (const name of ['user.rules', 'user6.rules', 'before.rules', 'before6.rules', 'after.rules', 'after6.rules']) {
      const shipped = [`/usr/share/ufw/${name}`, `/usr/share/ufw/iptables/${name}`].find((path) => existsSync(path))
      if (shipped !== undefined) writeFileSync(join(root, 'ufw', name), readFileSync(shipped))
    }
    let defaults = readFileSync('/etc/default/ufw', 'utf8')
    for (const [name, value] of Object.entries(each.settings ?? {}))
      defaults = defaults.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${value}`)
    writeFileSync(join(root, 'default'), defaults)
    for (const [name, text] of Object.entries(each.files ?? {})) {
      const path = join(root, 'ufw', name)
      writeFileSync(path, text === null ? '' : readFileSync(path, 'utf8') + text)
    }
    // While ufw is off, its commands write the files and load nothing.
    const script = [
      'set -e',
      'mount --make-rprivate /',
      `mount --bind ${root}/ufw /etc/ufw`,
      `mount --bind ${root}/default /etc/default/ufw`,
      'mount -t tmpfs tmpfs /run',
      'ip link set lo up',
      'sed -i s/^ENABLED=.*/ENABLED=no/ /etc/ufw/ufw.conf',
      ...each.commands.map((command) => `ufw ${command} > /dev/null`),
      `ufw show added > ${root}/added`,
      'sed -i s/^ENABLED=.*/ENABLED=yes/ /etc/ufw/ufw.conf',
      `/lib/ufw/ufw-init start > ${root}/started 2>&1 || true`,
      `iptables-nft-save > ${root}/saved4`,
      `ip6tables-nft-save > ${root}/saved6`,
    ].join('\n')
    const run = spawnSync('unshare', ['-n', '-m', 'sh', '-c', script], {
      encoding: 'utf8',
      timeout: 60_000,
      env: { ...process.env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    })
    if (run.status !== 0) throw new Error(`ufw failed: ${run.stdout}${run.stderr}${run.error?.message ?? ''}`)
    const files = new Map([['/etc/default/ufw', readFileSync(join(root, 'default'), 'utf8')]])
    for (const entry of readdirSync(join(root, 'ufw'), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name)
      if (entry.isFile()) files.set(path.replace(join(root, 'ufw'), '/etc/ufw'), readFileSync(path, 'utf8'))
    }
    const added = readFileSync(join(root, 'added'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('ufw '))
    return { files, saved: { 4: readFileSync(join(root, 'saved4'), 'utf8'), 6: readFileSync(join(root, 'saved6'), 'utf8') }, added }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
