import type { Host } from '../../lab/index.ts'

/** A container of the lab's image, in which a web server listens on port 80. */
export interface PodmanContainer {
  readonly name: string
  /** `podman run --publish`. */
  readonly publish?: string
  readonly network?: string
}

// Locks in files: those in memory would be the real machine's. Rootful storage is of one host alone, as /var and /run are.
const SETTINGS = `
mkdir -p /etc/containers /var/tmp
printf '[engine]\\ncgroup_manager="cgroupfs"\\nevents_logger="file"\\nlock_type="file"\\nruntime="runc"\\n[network]\\nnetwork_backend="%s"\\n' "$BACKEND" > /etc/containers/containers.conf
printf '[storage]\\ndriver="vfs"\\nrunroot="/run/containers/storage"\\ngraphroot="/var/lib/containers/storage"\\n' > /etc/containers/storage.conf
`

// An image without a registry: the static busybox under the few names that are used.
const IMPORT = `
root=$(mktemp -d /var/tmp/image.XXXXXX)
mkdir -p "$root/bin" "$root/etc" "$root/tmp" "$root/www"
cp "$(command -v busybox)" "$root/bin/busybox"
for name in sh httpd sleep; do ln "$root/bin/busybox" "$root/bin/$name"; done
echo root:x:0:0:root:/:/bin/sh > "$root/etc/passwd"
echo delivered > "$root/www/index.html"
tar -C "$root" -c . | podman import - lab:1
`

const SERVE = 'httpd -h /www -p 80; trap "exit 0" TERM; sleep 1000000 & wait'
const UNTIL_SERVED = `
pid=$(podman inspect -f '{{.State.Pid}}' "$1")
for try in $(seq 100); do grep -q ':0050 .* 0A ' /proc/$pid/net/tcp /proc/$pid/net/tcp6 && exit 0; sleep 0.05; done
exit 1
`

export type Backend = 'netavark' | 'cni'

/** Starts containers of root's. */
export async function podman(host: Host, backend: Backend, containers: readonly PodmanContainer[]): Promise<void> {
  await host.run(['/bin/sh', '-ec', SETTINGS + IMPORT], { env: { BACKEND: backend }, timeoutMs: 60_000 })
  for (const container of containers) {
    await host.run(['podman', ...runOf(container, ['--cgroup-parent', `/${host.netns}`])], { timeoutMs: 60_000 })
    await host.run(['/bin/sh', '-ec', UNTIL_SERVED, 'sh', container.name])
  }
}

/** A user with subordinate ids, a folder for what runs, and the tun device that every user may open elsewhere. */
const USER = `
useradd -M -u 4242 ada
echo ada:100000:65536 > /etc/subuid; cp /etc/subuid /etc/subgid
mkdir -p /run/user/4242 /var/tmp/ada
chown ada /run/user/4242 /var/tmp/ada
mount --make-rshared /
mount -t tmpfs tmpfs /dev/net && mknod /dev/net/tun c 10 200 && chmod 666 /dev/net/tun
`
const USERS_SETTINGS = `
mkdir -p ~/.config/containers
printf '[storage]\\ndriver="vfs"\\nrunroot="/run/user/4242/containers"\\ngraphroot="/var/tmp/ada/storage"\\n' > ~/.config/containers/storage.conf
`

/** Starts containers of a user's. */
export async function rootlessPodman(host: Host, containers: readonly PodmanContainer[]): Promise<void> {
  await host.run(['/bin/sh', '-ec', SETTINGS + USER], { env: { BACKEND: 'netavark' } })
  const asUser = ['setpriv', '--reuid', 'ada', '--regid', 'ada', '--init-groups']
  const options = { cwd: '/var', env: { HOME: '/var/tmp/ada', XDG_RUNTIME_DIR: '/run/user/4242' }, timeoutMs: 60_000 }
  await host.run([...asUser, '/bin/sh', '-ec', USERS_SETTINGS + IMPORT], options)
  for (const container of containers) {
    await host.run([...asUser, 'podman', ...runOf(container, [])], options)
    await host.run([...asUser, '/bin/sh', '-ec', UNTIL_SERVED, 'sh', container.name], options)
  }
}

function runOf({ name, publish, network }: PodmanContainer, options: readonly string[]): readonly string[] {
  const published = publish === undefined ? [] : ['--publish', publish]
  const networks = network === undefined ? [] : ['--network', network]
  return ['run', '--detach', '--name', name, ...options, ...published, ...networks, 'lab:1', 'sh', '-c', SERVE]
}
