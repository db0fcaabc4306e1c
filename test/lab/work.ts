import type { Background } from '../../lab/background.ts'
import type { Host } from '../../lab/host.ts'
import { CLI } from '../cli.ts'

/** A server that sends back what it gets, by a name of its own choice; ss(8) shows it by that. */
const ECHO = `
import socket, sys, threading
open('/proc/self/comm', 'w').write(sys.argv[1])
server = socket.socket(socket.AF_INET6)
server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('::', int(sys.argv[2])))
server.listen()
def serve(peer):
    while True:
        data = peer.recv(100)
        if not data: return
        peer.sendall(data)
while True:
    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
`

/** A session: sends a byte, and another when the last came back; prints a line for each. */
const SESSION = `
import socket, sys, time
session = socket.create_connection((sys.argv[1], int(sys.argv[2])))
while True:
    session.sendall(b'.')
    if not session.recv(1): sys.exit('ended')
    print(session.getsockname()[1], flush=True)
    time.sleep(0.05)
`

/** Somebody at work on a host, over a real connection. */
export class Session {
  readonly #program: Background

  private constructor(program: Background) {
    this.#program = program
  }

  static async open(from: Host, address: string, port: number): Promise<Session> {
    await from.write('/var/session.py', SESSION)
    const session = new Session(await from.spawn(['python3', '-u', '/var/session.py', address, String(port)]))
    if (!(await session.answers())) throw new Error('no session came about')
    return session
  }

  /** Whether another byte comes back within some seconds. */
  async answers(within = 5000): Promise<boolean> {
    const before = this.#program.stdout.length
    for (const until = Date.now() + within; Date.now() < until; ) {
      // One may have been under way when it was asked.
      if (this.#program.stdout.length > before + 12) return true
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    return false
  }

  /** The port that it comes from. */
  get port(): string {
    return this.#program.stdout.split('\n')[0] ?? ''
  }

  async close(): Promise<void> {
    await this.#program.stop()
  }
}

/** Starts a server of that name, as sshd's where it is `sshd`. */
export async function serve(host: Host, name: string, port: number): Promise<Background> {
  await host.write('/var/echo.py', ECHO)
  const server = await host.spawn(['python3', '/var/echo.py', name, String(port)])
  await host.untilListening([{ protocol: 'tcp', port }])
  return server
}

/** Starts it, waits for the moment, and kills it. */
const KILLED = `
touch -d '1 second ago' /run/begun
"$2" "$3" apply $4 --yes --within 3 >/run/out 2>&1 & pid=$!
while kill -0 $pid 2>/dev/null; do
  if $(eval echo "$1") >/dev/null 2>&1; then kill -KILL $pid && echo killed; break; fi
done
wait $pid
[ $? = 137 ] || { cat /run/out; test "$1" != "\${1#*applied}" && echo "killed: too late, which is after the last step"; }
`

/** Runs `sallyport apply` with these words, and kills it by SIGKILL as soon as `moment` (a test of sh(1), `$pid` is its own) holds. Says `killed`. */
export async function applyKilled(host: Host, moment: string, words: string): Promise<string> {
  const argv = ['/bin/sh', '-c', KILLED, 'sh', moment, process.execPath, CLI, words]
  return (await host.run(argv, { cwd: '/var', exit: 'any', timeoutMs: 60_000 })).stdout
}
