import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Agent } from './agent.ts'
import { Background } from './background.ts'
import { DockerEngine, type DockerOptions } from './docker.ts'
import type { HostPlan, IptablesBackend } from './drawing.ts'
import { type Listener, type ListenSpec, listen } from './listener.ts'
import { type Port, untilListening } from './listening.ts'
import { type Output, environment, type RunOptions, run } from './process.ts'
import { netnsPath } from './wiring.ts'

/**
 * A machine of the lab: its own network, processes, host name, and its own writable copy of /etc, /var and /run over the real
 * ones. Everything else (/usr, /home, /tmp, a checkout) is the real machine's.
 */
export class Host {
  readonly name: string
  /** The name `ip netns` knows it by, on the real machine. */
  readonly netns: string
  readonly plan: HostPlan
  /** Process 1 of the host: holds its listeners. */
  readonly agent: Agent

  constructor(plan: HostPlan, agent: Agent) {
    this.plan = plan
    this.name = plan.name
    this.netns = plan.netns
    this.agent = agent
  }

  /** Path of its network namespace on the real machine. */
  get namespace(): string {
    return netnsPath(this.netns)
  }

  /** Process id of its process 1 as the real machine numbers it; `/proc/PID/root` is the host's file system. */
  get pid(): number {
    return this.agent.pid
  }

  /** Its addresses in a zone, or in all. */
  addresses(zone?: string): readonly string[] {
    return this.plan.addresses.filter((each) => zone === undefined || each.zone === zone).map((each) => each.address)
  }

  /** Runs a program in the host to its end. Rejects with CommandFailed on a timeout or an exit code not listed in `exit` (default 0). */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Output> {
    return run([...this.#enter(options.cwd), ...argv], options, [`${this.name}:`, ...argv])
  }

  /** Starts a program in the host and resolves as soon as it runs. */
  spawn(argv: readonly string[], options: Pick<RunOptions, 'env' | 'cwd'> = {}): Promise<Background> {
    return Background.start(this.agent, this.#enter(options.cwd), argv, options)
  }

  /** A program on this terminal, as a shell. Resolves to its exit code. */
  async interactive(argv: readonly string[]): Promise<number> {
    const [program = '', ...args] = [...this.#enter(), ...argv]
    const [code] = (await once(spawn(program, args, { stdio: 'inherit', env: environment() }), 'exit')) as [number | null]
    return code ?? 1
  }

  /** Writes a file as the host sees it, with its folders. */
  async write(path: string, text: string): Promise<void> {
    await this.run(['/bin/sh', '-c', 'mkdir -p "$(dirname "$1")" && cat > "$1"', 'sh', path], { input: text })
  }

  /** One real listener; see listenAll for many at once. */
  async listen(spec: ListenSpec): Promise<Listener> {
    const [listener] = await this.listenAll([spec])
    if (!listener) throw new Error('no listener came back')
    return listener
  }

  listenAll(specs: readonly ListenSpec[]): Promise<readonly Listener[]> {
    return listen(this.agent, this.name, specs)
  }

  /** Waits until some process of the host listens on each of the ports. Rejects after ten seconds, or `timeoutMs`. */
  untilListening(ports: readonly Port[], timeoutMs?: number): Promise<void> {
    return untilListening(`/proc/${this.pid}`, ports, timeoutMs)
  }

  /**
   * ufw commands in order, as `'deny 8080'` or `['allow', 'from', '192.0.2.7']`. The host starts with the package's own rules, not
   * enabled; commands given before `'enable'` are much faster than after it.
   */
  async ufw(commands: readonly (string | readonly string[])[]): Promise<void> {
    for (const command of commands) {
      const words = typeof command === 'string' ? command.split(/\s+/) : command
      // ufw knows --force for those alone that would ask.
      await this.run(['ufw', ...(ASKS.has(words[0] ?? '') ? ['--force'] : []), ...words])
    }
  }

  /** `iptables-restore` of the text: each table in it is replaced. The back end is by default the one the host's own `iptables` has. */
  async iptables(text: string, backend: IptablesBackend = this.plan.iptables): Promise<void> {
    await this.run([`iptables-${backend}-restore`], { input: text })
  }

  async ip6tables(text: string, backend: IptablesBackend = this.plan.iptables): Promise<void> {
    await this.run([`ip6tables-${backend}-restore`], { input: text })
  }

  /** `nft -f` of the text: adds to what is there. */
  async nft(text: string): Promise<void> {
    await this.run(['nft', '-f', '-'], { input: text })
  }

  /** Empties every table of nft and of both iptables back ends, and forgets tracked connections. */
  async flushFilters(): Promise<void> {
    await this.run(['/bin/sh', '-c', FLUSH])
  }

  /** Forgets tracked connections: what was allowed once is asked again. */
  async flushConnections(): Promise<void> {
    await this.run(['conntrack', '-F'])
  }

  /** Starts nginx on a whole configuration file, listening on return. Rejects with nginx's own words if it is not valid. */
  async nginx(configuration: string): Promise<Nginx> {
    const install = async (text: string) => {
      await this.write('/etc/nginx/nginx.conf.new', text)
      await this.run(['nginx', '-t', '-q', '-c', '/etc/nginx/nginx.conf.new'])
      await this.run(['mv', '/etc/nginx/nginx.conf.new', '/etc/nginx/nginx.conf'])
    }
    await this.run(['mkdir', '-p', '/var/log/nginx', '/var/lib/nginx'])
    await install(configuration)
    await this.run(['nginx'])
    return {
      reload: async (changed) => {
        await install(changed)
        await this.run(['nginx', '-s', 'reload'])
      },
      stop: async () => void (await this.run(['/bin/sh', '-ec', STOP_NGINX])),
    }
  }

  /** Starts a real dockerd with its usual socket, /run/docker.sock in the host. */
  docker(options: DockerOptions = {}): Promise<DockerEngine> {
    return DockerEngine.start(this, options)
  }

  #enter(cwd: string = process.cwd()): readonly string[] {
    const enter = ['nsenter', '--target', String(this.pid), '--net', '--mount', '--pid', '--uts', '--ipc']
    // A killed nsenter would leave its child behind.
    return [...enter, 'setpriv', '--pdeathsig', 'KILL', 'env', `--chdir=${cwd}`]
  }
}

const ASKS = new Set(['enable', 'delete', 'reset'])

export interface Nginx {
  /** Loads another configuration if it is valid; workers of the old one finish what they are at. */
  reload(configuration: string): Promise<void>
  stop(): Promise<void>
}

const STOP_NGINX = 'read -r pid < /run/nginx.pid; nginx -s stop; while kill -0 "$pid" 2> /dev/null; do sleep 0.01; done'

// Legacy tables exist in a namespace from their first use on; only those are flushed.
const FLUSH = `
nft flush ruleset
for f in 4:ip 6:ip6; do
  tool=\${f#*:}tables-legacy-restore
  for table in $(cat /proc/net/\${f#*:}_tables_names 2>/dev/null); do
    case $table in
      filter) chains='INPUT FORWARD OUTPUT';;
      nat) chains='PREROUTING INPUT OUTPUT POSTROUTING';;
      mangle) chains='PREROUTING INPUT FORWARD OUTPUT POSTROUTING';;
      raw) chains='PREROUTING OUTPUT';;
      security) chains='INPUT FORWARD OUTPUT';;
    esac
    { echo "*$table"; for chain in $chains; do echo ":$chain ACCEPT [0:0]"; done; echo COMMIT; } | $tool
  done
done
conntrack -F 2>/dev/null
`
