import { type FileOrigin, knownText, type Launch, type Value } from '../../evidence/index.ts'
import { sourceTwins } from '../built.ts'
import { directoriesOf, filesEnding } from '../deployed.ts'
import { nameOf } from '../paths.ts'
import { isQuiet } from '../quiet.ts'

/** Languages whose sources are read for what they bind. */
const READ = /\.(?:[cm]?[jt]sx?|pyw?|go)$/

/**
 * A launch in a container that has the network of the machine: nothing stands between what it binds and others, so that where nothing that
 * was read tells what that is, it may be anything. `image`: where the image is named.
 */
export function withHostNetwork(launch: Launch, image: FileOrigin, paths: ReadonlySet<string>): Launch {
  const { command, entry, serves, configurationFiles = [], proxyFiles = [] } = launch
  const [first] = command
  const program = nameOf(knownText(first?.text) ?? '')
  const files = [...configurationFiles, ...proxyFiles]
  if (serves !== undefined || files.some((path) => paths.has(path) || directoriesOf(paths).has(path)) || isQuiet(program)) return launch
  if (entry === undefined ? isKeptInFolder(launch, paths) : isRead(entry, paths)) return launch
  const what = entry ?? (program === '' || program.startsWith('-') ? 'its image' : program)
  const origin = first === undefined || first.text.kind === 'absent' ? image : first.text.origin
  const reason = `it has the network of the machine, and where ${what} listens is in no file that was read`
  const unknown: Value = { kind: 'unknown', reason, origin }
  return { ...launch, serves: { program, protocol: 'tcp', host: unknown, port: unknown, defaultHost: '*' } }
}

function isRead(entry: string, paths: ReadonlySet<string>): boolean {
  return READ.test(entry) && [entry, ...sourceTwins(entry)].some((path) => paths.has(path))
}

/** Programs that start others as a file of the folder says, which has its own reader. */
const KEEPERS: ReadonlySet<string> = new Set(['pm2-runtime', 'pm2-docker', 'pm2', 'supervisord'])

function isKeptInFolder({ command }: Launch, paths: ReadonlySet<string>): boolean {
  const words = command.map((word) => nameOf(knownText(word.text) ?? ''))
  return words.some((word) => KEEPERS.has(word)) && words.some((word) => word.includes('.') && filesEnding(word, paths).length > 0)
}
