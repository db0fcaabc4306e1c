import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const NGINX = '/usr/sbin/nginx'

/** Where the back ends listen that say who they are. */
export const UPSTREAM_PORTS: readonly number[] = Array.from({ length: 12 }, (_, index) => 9001 + index)

/** Addresses on the namespace's loopback interface, to listen on and to come from. */
export const ADDRESSES = ['192.0.2.5', '192.0.2.77', '198.51.100.7', '2001:db8::5', '2001:db8:1::9'] as const

export interface Probe {
  readonly address: string
  readonly port: number
  readonly source?: string
  readonly request: string
}

export interface RealCase {
  /** By path relative to the folder of nginx.conf. */
  readonly files: ReadonlyMap<string, string>
  readonly probes: readonly Probe[]
}

export type RealResult =
  | { readonly accepted: false; readonly message: string }
  | { readonly accepted: true; readonly answers: readonly string[] }

/** Why nginx cannot be tried here; `undefined`: it can. */
export function whyNot(): string | undefined {
  if (!existsSync(NGINX)) return `${NGINX} is not installed`
  const made = spawnSync('unshare', ['-n', 'true'], { encoding: 'utf8' })
  return made.status === 0 ? undefined : `no network namespace can be made: ${made.stderr || made.error?.message}`
}

/** Puts each case into a folder, runs a real nginx on each in one network namespace that nothing else is in, and takes it all away again. */
export function runReal(cases: readonly RealCase[]): readonly RealResult[] {
  const root = mkdtempSync(join(tmpdir(), 'sp-nginx-'))
  try {
    const prepared = cases.map(({ files, probes }, index) => {
      const directory = join(root, String(index))
      for (const [path, text] of files) {
        mkdirSync(dirname(join(directory, path)), { recursive: true })
        writeFileSync(join(directory, path), text)
      }
      return { directory, probes: probes.map(({ address, port, source, request }) => ({ address, port, source, request })) }
    })
    const job = join(root, 'job.json')
    const result = join(root, 'result.json')
    writeFileSync(job, JSON.stringify({ cases: prepared, upstreamPorts: UPSTREAM_PORTS }))
    const runner = fileURLToPath(new URL('runner.mjs', import.meta.url))
    const setUp = [
      'ip link set lo up',
      ...ADDRESSES.map((address) => `ip addr add ${address} dev lo${address.includes(':') ? ' nodad' : ''}`),
    ]
    const script = `${setUp.join(' && ')} && exec "$0" "$@"`
    const run = spawnSync('unshare', ['-n', 'sh', '-c', script, process.execPath, runner, job, result, NGINX], {
      encoding: 'utf8',
      timeout: 300_000,
    })
    if (run.status !== 0) throw new Error(`the runner failed: ${run.stderr || run.error?.message}`)
    return JSON.parse(readFileSync(result, 'utf8')) as RealResult[]
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** A whole nginx.conf around the content of an `http` block: one process, in the foreground, writing below its own folder. */
export function mainFile(http: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path tmp_${name};`).join(' ')
  return `daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 128; }
http { access_log off; ${temporary}
${http}
}
`
}
