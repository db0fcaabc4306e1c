import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { Background } from './background.ts'
import { familyOf } from './drawing.ts'
import type { Host } from './host.ts'
import { type Listener, type ListenSpec, listen } from './listener.ts'
import { type Port, untilListening } from './listening.ts'
import type { Output, RunOptions } from './process.ts'

export interface DockerOptions {
  /** Default true, as Docker's own. */
  readonly userlandProxy?: boolean
  /** Gives the default bridge IPv6 with this network (`--ipv6 --fixed-cidr-v6`). */
  readonly ipv6?: string
  /** Further arguments of dockerd. */
  readonly args?: readonly string[]
}

export interface ContainerSpec {
  readonly name: string
  /** `docker run -p`: '8080:80', '127.0.0.1:8080:80', '[::]:8080:80/udp' … */
  readonly publish?: readonly string[]
  /** TCP ports a web server in the container listens on, one process each, by both families where there are two. */
  readonly serve?: readonly number[]
  /** `docker run --network`. */
  readonly network?: string
  /** Further arguments of `docker run`. */
  readonly args?: readonly string[]
}

// vfs needs nothing of the kernel or of what lies under /var; systemd, which else makes the control groups, does not run in a lab host.
const EVERYWHERE = ['--storage-driver', 'vfs', '--exec-opt', 'native.cgroupdriver=cgroupfs']
const SOCKET = '/run/docker.sock'
const IMAGE = 'lab:1'
// Process 1 gets no default signal actions: without the trap, stopping takes ten seconds.
const UNTIL_TOLD = 'trap "exit 0" TERM; sleep 1000000 & wait'
const READY_MS = 20_000

// An image without a registry: the static busybox under its many names.
const IMPORT = `
root=$(mktemp -d /run/lab/image.XXXXXX)
mkdir -p "$root/bin" "$root/etc" "$root/tmp" "$root/www"
cp "$(command -v busybox)" "$root/bin/busybox"
for name in $(busybox --list); do [ "$name" = busybox ] || ln "$root/bin/busybox" "$root/bin/$name"; done
echo root:x:0:0:root:/:/bin/sh > "$root/etc/passwd"
echo delivered > "$root/www/index.html"
tar -C "$root" -c . | docker import - ${IMAGE}
rm -rf "$root"
`

/** A real dockerd in a host of the lab. */
export class DockerEngine {
  readonly #host: Host
  readonly #daemon: Background

  private constructor(host: Host, daemon: Background) {
    this.#host = host
    this.#daemon = daemon
  }

  static async start(host: Host, options: DockerOptions): Promise<DockerEngine> {
    const proxy = `--userland-proxy=${options.userlandProxy ?? true}`
    const ipv6 = options.ipv6 === undefined ? [] : ['--ipv6', '--fixed-cidr-v6', options.ipv6]
    // The name lets the control groups of a crashed lab be found.
    const daemon = await host.spawn([
      'dockerd',
      ...EVERYWHERE,
      '--cgroup-parent',
      `/${host.netns}`,
      proxy,
      ...ipv6,
      ...(options.args ?? []),
    ])
    const engine = new DockerEngine(host, daemon)
    await engine.#untilReady()
    await host.run(['/bin/sh', '-e', '-c', IMPORT], { env: CLI_ENVIRONMENT })
    return engine
  }

  /** The engine's socket by a path on the real machine. */
  get socket(): string {
    return `/proc/${this.#host.pid}/root${SOCKET}`
  }

  /** `docker ARGS`. Rejects with CommandFailed as Host.run does. */
  cli(args: readonly string[], options: RunOptions = {}): Promise<Output> {
    return this.#host.run(['docker', ...args], { ...options, env: { ...options.env, ...CLI_ENVIRONMENT } })
  }

  /** Starts a container and resolves once its servers listen. */
  async run(spec: ContainerSpec): Promise<Container> {
    const servers = (spec.serve ?? []).map((port) => `httpd -h /www -p ${port}; `)
    const network = spec.network === undefined ? [] : ['--network', spec.network]
    const publish = (spec.publish ?? []).flatMap((each) => ['-p', each])
    const command = ['sh', '-c', `${servers.join('')}${UNTIL_TOLD}`]
    await this.cli(['run', '--detach', '--name', spec.name, ...network, ...publish, ...(spec.args ?? []), IMAGE, ...command])
    const container = await Container.inspect(this.#host, this, spec.name)
    await this.#host.run([
      'nsenter',
      '--target',
      String(container.pid),
      '--net',
      'sysctl',
      '--quiet',
      '--ignore',
      '--write',
      ...UNLIMITED_ERRORS,
    ])
    await container.untilListening((spec.serve ?? []).map((port) => ({ protocol: 'tcp', port })))
    return container
  }

  /** Stops the engine and its containers. */
  async stop(): Promise<void> {
    await this.#daemon.stop(READY_MS)
  }

  async #untilReady(): Promise<void> {
    const deadline = Date.now() + READY_MS
    while (!(await this.#ping())) {
      if (this.#daemon.over || Date.now() > deadline) throw new Error(`dockerd did not start:\n${this.#daemon.stderr.slice(-4000)}`)
      await delay(20)
    }
  }

  #ping(): Promise<boolean> {
    return new Promise((resolve) => {
      request({ socketPath: this.socket, path: '/_ping', timeout: 1000 }, (answer) => {
        answer.resume()
        resolve(answer.statusCode === 200)
      })
        .on('error', () => resolve(false))
        .end()
    })
  }
}

// Whatever engine or context the caller's environment names, the lab speaks to its own.
const CLI_ENVIRONMENT = { DOCKER_HOST: `unix://${SOCKET}`, DOCKER_CONTEXT: undefined, DOCKER_TLS_VERIFY: undefined }

// As in the namespaces of hosts (sysctls.sh): of many rejections the seventh to one peer would look like a drop (icmp(7), icmp_ratelimit).
const UNLIMITED_ERRORS = [
  'net.ipv4.icmp_ratelimit=0',
  'net.ipv4.icmp_ratemask=0',
  'net.ipv4.icmp_msgs_per_sec=1000000',
  'net.ipv4.icmp_msgs_burst=1000000',
  'net.ipv6.icmp.ratelimit=0',
]

export class Container {
  readonly name: string
  readonly id: string
  /** Process id of its first process as the host numbers it. */
  readonly pid: number
  /** Its addresses on every network it is attached to. */
  readonly addresses: readonly string[]
  readonly #host: Host
  readonly #engine: DockerEngine

  private constructor(host: Host, engine: DockerEngine, name: string, id: string, pid: number, addresses: readonly string[]) {
    this.#host = host
    this.#engine = engine
    this.name = name
    this.id = id
    this.pid = pid
    this.addresses = addresses
  }

  static async inspect(host: Host, engine: DockerEngine, name: string): Promise<Container> {
    const format = '{{.Id}} {{.State.Pid}}{{range .NetworkSettings.Networks}} {{.IPAddress}} {{.GlobalIPv6Address}}{{end}}'
    const { stdout } = await engine.cli(['inspect', '--format', format, name])
    const [id = '', pid = '0', ...addresses] = stdout.trim().split(/\s+/)
    return new Container(
      host,
      engine,
      name,
      id,
      Number(pid),
      addresses.filter((each) => familyOf(each) !== undefined),
    )
  }

  /** Path of its network namespace on the real machine. */
  get namespace(): string {
    return `${this.#proc}/ns/net`
  }

  /** Opens listeners in the container's network, held by the host's process 1: for UDP, or to see what was received. */
  listenAll(specs: readonly ListenSpec[]): Promise<readonly Listener[]> {
    return listen(this.#host.agent, `${this.#host.name}/${this.name}`, specs, `/proc/${this.pid}/ns/net`)
  }

  /** As Host.untilListening, in the container. */
  untilListening(ports: readonly Port[], timeoutMs?: number): Promise<void> {
    return untilListening(this.#proc, ports, timeoutMs)
  }

  async remove(): Promise<void> {
    await this.#engine.cli(['rm', '--force', this.name])
  }

  get #proc(): string {
    return `/proc/${this.#host.pid}/root/proc/${this.pid}`
  }
}
