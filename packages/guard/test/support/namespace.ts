import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** An address of the namespace that is not loopback. */
export const LAN = '192.168.77.1'
/** What is run in a new namespace first. */
export const SETUP = `ip link set lo up && ip link add v0 type veth peer name v1 && ip addr add ${LAN}/24 dev v0 && ip link set v0 up && ip link set v1 up`

/** Why none can be made here; `undefined`: it can. */
export function whyNoNamespace(): string | undefined {
  const { status, stderr, error } = spawnSync('unshare', ['-n', 'sh', '-c', SETUP], { encoding: 'utf8' })
  return status === 0 ? undefined : (error?.message ?? stderr.trim())
}

/** Any certificate will do: whether it answers is asked. */
const GET = `const [url] = process.argv.slice(1)
require(url.split(':')[0]).get(url, { rejectUnauthorized: false, timeout: 20000 }, (answer) => {
  process.stdout.write(String(answer.statusCode))
  process.exit()
}).on('error', () => process.exit(1))`

/** A network of its own: what listens in it was started by the test. */
export class Namespace {
  readonly #holder: ChildProcess

  private constructor(holder: ChildProcess) {
    this.#holder = holder
  }

  static async create(): Promise<Namespace> {
    const holder = spawn('unshare', ['-n', 'sh', '-c', `${SETUP} && echo ready && exec sleep 3600`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (holder.stdout !== null) await once(holder.stdout, 'data')
    return new Namespace(holder)
  }

  /** The words before those of a command. */
  get enter(): readonly string[] {
    return ['nsenter', `--net=/proc/${this.#holder.pid}/ns/net`]
  }

  /** address:port of every socket that listens, as the kernel has them. */
  listening(protocol: 'tcp' | 'udp' = 'tcp'): readonly string[] {
    const state = protocol === 'tcp' ? '0A' : '07'
    return [protocol, `${protocol}6`].flatMap((table) =>
      readFileSync(`/proc/${this.#holder.pid}/net/${table}`, 'utf8')
        .split('\n')
        .slice(1)
        .map((line) => line.trim().split(/\s+/))
        .filter((words) => words[3] === state)
        .map((words) => shown(words[1] ?? '')),
    )
  }

  /** Status of a GET to the address, made within: 0 where nobody answers. */
  async status(url: string): Promise<number> {
    const [command = '', ...args] = [...this.enter, process.execPath, '-e', GET, url]
    return new Promise((resolve) => void execFile(command, args, (_error, stdout) => resolve(Number(stdout))))
  }

  async close(): Promise<void> {
    const gone = once(this.#holder, 'exit')
    this.#holder.kill('SIGKILL')
    await gone
  }
}

/** `0100007F:0BB8`: 32-bit words in the machine's order, here little-endian. */
function shown(hex: string): string {
  const [address = '', port = ''] = hex.split(':')
  const bytes = (address.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).toReversed())
  const numbers = bytes.map((byte) => Number.parseInt(byte, 16))
  const text =
    numbers.length === 4
      ? numbers.join('.')
      : numbers.every((byte) => byte === 0)
        ? '[::]'
        : numbers.slice(0, 15).every((byte) => byte === 0) && numbers[15] === 1
          ? '[::1]'
          : `[${bytes.join('')}]`
  return `${text}:${Number.parseInt(port, 16)}`
}
