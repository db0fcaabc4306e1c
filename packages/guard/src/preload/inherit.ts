import childProcess from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'
import { pathToFileURL } from 'node:url'
import workerThreads from 'node:worker_threads'

/** What sub-processes need to be held to the same. */
const NAMES = ['SALLYPORT_ALLOW', 'SALLYPORT_ON_EXPOSED']

/** Sub-processes and threads of this one load the preload too, whatever environment and options they are given. */
export function keepChildren(file: string): void {
  const option = file.endsWith('.cjs') ? `--require=${quoted(file)}` : `--import=${pathToFileURL(file).href}`
  // In a thread the code of `eval` runs before what `--import` names is there: a thread gets the script, which stands beside the module.
  const argument = ['--require', file.replace(/\.js$/, '.cjs')]
  const withPreload = (options: string | undefined) =>
    options?.includes(option) === true ? options : options === undefined || options === '' ? option : `${options} ${option}`
  const fixed = new Map(NAMES.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const])))
  process.env['NODE_OPTIONS'] = withPreload(process.env['NODE_OPTIONS'])

  /** The last of two with one name counts. */
  const completed = (pairs: readonly string[]): string[] => {
    const given = pairs.findLast((pair) => pair.startsWith('NODE_OPTIONS='))?.slice('NODE_OPTIONS='.length)
    const others = pairs.filter((pair) => !pair.startsWith('NODE_OPTIONS=') && !NAMES.some((name) => pair.startsWith(`${name}=`)))
    return [...others, `NODE_OPTIONS=${withPreload(given)}`, ...[...fixed].map(([name, value]) => `${name}=${value}`)]
  }
  const { prototype } = childProcess.ChildProcess as unknown as { prototype: { spawn: (options: { envPairs?: string[] }) => unknown } }
  const { spawn } = prototype
  prototype.spawn = function spawnWithin(this: unknown, options) {
    if (Array.isArray(options?.envPairs)) options.envPairs = completed(options.envPairs)
    return spawn.call(this, options)
  }

  for (const name of ['spawnSync', 'execFileSync', 'execSync'] as const) {
    const original = childProcess[name] as (...args: unknown[]) => unknown
    Object.assign(childProcess, { [name]: (...args: unknown[]) => original(...args.map(withEnvironment)) })
  }
  /** These take the environment in their options, wherever they stand among the arguments; without one they give their own. */
  function withEnvironment(arg: unknown): unknown {
    const env: unknown = typeof arg === 'object' && arg !== null && !Array.isArray(arg) ? Reflect.get(arg, 'env') : undefined
    if (typeof env !== 'object' || env === null) return arg
    const given: unknown = Reflect.get(env, 'NODE_OPTIONS')
    const options = withPreload(typeof given === 'string' ? given : undefined)
    return { ...(arg as object), env: { ...env, NODE_OPTIONS: options, ...Object.fromEntries(fixed) } }
  }

  const { Worker } = workerThreads
  class WorkerWithin extends Worker {
    constructor(filename: string | URL, options: workerThreads.WorkerOptions = {}) {
      const { execArgv = process.execArgv } = options
      const loads = execArgv.some(
        (each, index) => each === `${argument[0]}=${argument[1]}` || (each === argument[0] && execArgv[index + 1] === argument[1]),
      )
      super(filename, loads ? options : { ...options, execArgv: [...argument, ...execArgv] })
    }
  }
  Object.defineProperty(WorkerWithin, 'name', { value: 'Worker' })
  workerThreads.Worker = WorkerWithin
  syncBuiltinESMExports()
}

/** As NODE_OPTIONS reads it: quotes around what has a space, a backslash before each quote and backslash. */
function quoted(file: string): string {
  return /[\s"\\]/.test(file) ? `"${file.replaceAll(/["\\]/g, '\\$&')}"` : file
}
