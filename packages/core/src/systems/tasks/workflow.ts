import type { Setting, Text } from '../../evidence/index.ts'
import type { Passage } from '../passage.ts'
import { joinPath } from '../paths.ts'
import { entriesOf, entry, itemsOf, passageOfScalar, readYaml, textOf, type Tree } from '../yaml.ts'
import { filled, type Task, type TaskReading, variablesOf } from './task.ts'

const JOBS = 200
const STEPS = 500
const EXPRESSION = /\$\{\{([^{}\n]{0,200})\}\}/g
const NOTHING = (): undefined => undefined
/** Keys of .gitlab-ci.yml that are no jobs (docs.gitlab.com/ci/yaml). */
const NO_JOBS: ReadonlySet<string> = new Set([
  'default',
  'stages',
  'variables',
  'workflow',
  'include',
  'image',
  'services',
  'cache',
  'spec',
])

/** What the jobs of a workflow run on machines of one's own, and have other machines run by ssh (docs.github.com, Workflow syntax). */
export function readGithub(text: Text): TaskReading {
  const { documents, problems } = readYaml(text)
  const [root] = documents
  const tasks = [...entriesOf(entry(root, 'jobs'))].slice(0, JOBS).flatMap(([name, { value: job }]): readonly Task[] => {
    const isOwn = itemsOf(entry(job, 'runs-on')).some((label) => textOf(label)?.includes('self-hosted') === true)
    return itemsOf(entry(job, 'steps'))
      .slice(0, STEPS)
      .flatMap((step): readonly Task[] => {
        const environment = [root, job, step]
          .map((level) => entry(level, 'env'))
          .flatMap((level) => [...variablesOf(level, EXPRESSION, NOTHING)])
        const place = [step, entry(entry(job, 'defaults'), 'run'), entry(entry(root, 'defaults'), 'run')]
        const directory = joinPath('', place.map((one) => textOf(entry(one, 'working-directory'))).find((one) => one !== undefined) ?? '')
        const common = { name, environment: new Map(environment), environmentFiles: [], directory }
        const run = scriptOf(entry(step, 'run'))
        const remote = remoteScript(step, new Map(environment))
        return [
          ...(run === undefined ? [] : [{ ...common, scripts: [run], isRemoteOnly: !isOwn }]),
          ...(remote === undefined ? [] : [remote]),
        ]
      })
  })
  return { tasks, problems }
}

/** `uses: appleboy/ssh-action` and its like: `script` runs on another machine, with those variables that `envs` names. */
function remoteScript(step: Tree, environment: ReadonlyMap<string, Setting>): Task | undefined {
  const uses = textOf(entry(step, 'uses')) ?? ''
  const given = entry(step, 'with')
  const script = scriptOf(entry(given, 'script') ?? entry(given, 'command') ?? entry(given, 'run'))
  if (!/ssh/i.test(uses) || script === undefined) return undefined
  const names = new Set((textOf(entry(given, 'envs')) ?? '').split(/[\s,]+/))
  const kept = new Map([...environment].filter(([name]) => names.has(name)))
  return { name: uses.replace(/@.*$/s, ''), scripts: [script], environment: kept, environmentFiles: [], directory: undefined }
}

function scriptOf(node: Tree | undefined): Passage | undefined {
  return node?.kind === 'scalar' ? filled(passageOfScalar(node), EXPRESSION, NOTHING) : undefined
}

/** What the jobs of a pipeline have other machines run (docs.gitlab.com/ci/yaml). */
export function readGitlab(text: Text): TaskReading {
  const { documents, problems } = readYaml(text)
  const tasks = [...entriesOf(documents[0])].slice(0, JOBS).flatMap(([name, { value: job }]): readonly Task[] => {
    if (NO_JOBS.has(name)) return []
    const scripts = ['before_script', 'script', 'after_script']
      .flatMap((key) => itemsOf(entry(job, key)))
      .flatMap((line) => (line.kind === 'scalar' ? [passageOfScalar(line)] : []))
    return scripts.length === 0 ? [] : [{ name, scripts, environment: new Map(), environmentFiles: [], directory: '', isRemoteOnly: true }]
  })
  return { tasks, problems }
}
