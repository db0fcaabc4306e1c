import { ambient, NOTHING_AROUND } from '../ambient.ts'
import { imagesOf } from '../container-run/image.ts'
import { evidenceOf } from '../shell/read.ts'
import { type Start, Starts } from '../starts/index.ts'
import type { Reader } from '../system.ts'
import { isTestPath, isTestScript } from '../tests.ts'
import { readCrontab } from './crontab.ts'
import { readDeno } from './deno.ts'
import { readJustfile } from './justfile.ts'
import { readMise } from './mise.ts'
import { readNxProject } from './nx.ts'
import { readPythonTasks } from './python.ts'
import type { Task, TaskFormat } from './task.ts'
import { readTaskfile } from './taskfile.ts'
import { readGithub, readGitlab } from './workflow.ts'

const FORMATS: readonly { readonly path: RegExp; readonly read: TaskFormat }[] = [
  { path: /just(?:file)?$/i, read: readJustfile },
  { path: /askfile(?:\.dist)?\.ya?ml$/, read: readTaskfile },
  { path: /(?:^|\/)(?:Pipfile|(?:pyproject|pixi)\.toml)$/, read: readPythonTasks },
  { path: /\.toml$/, read: readMise },
  { path: /(?:^|\/)deno\.jsonc?$/, read: readDeno },
  { path: /(?:^|\/)project\.json$/, read: readNxProject },
  { path: /\.gitlab-ci\.ya?ml$/, read: readGitlab },
  { path: /\.ya?ml$/, read: readGithub },
  { path: /./, read: readCrontab },
]

/** What tasks start, as scripts of package.json files are read: each for itself. */
export const tasksReader: Reader = {
  read(snapshot, tools) {
    const starts = new Starts(snapshot, tools)
    const scripts = snapshot.matched.flatMap((path) => {
      const text = starts.text(path)
      const format = FORMATS.find((one) => one.path.test(path))
      if (text === undefined || format === undefined) return []
      const { tasks, problems } = format.read(text)
      for (const { reason, origin } of problems) starts.problem(reason, origin, { kind: 'nothing' })
      return tasks.map((task) => ({
        task,
        found: started(task, starts),
        directories: [task.directory ?? ''],
        environment: isTestPath(path) || isTestScript(task.name) ? 'test' : undefined,
      }))
    })
    const images = imagesOf(scripts, starts)
    const evidence = scripts.flatMap(({ task, found, environment }) => evidenceOf(found, 'task', task.name, environment, images, starts))
    return { evidence: [...evidence, ...starts.gaps()], needs: [...starts.needs], globs: [], written: starts.written.documents() }
  },
}

function started({ scripts, environment, environmentFiles, directory, isRemoteOnly }: Task, starts: Starts): readonly Start[] {
  // What runs on another machine, or by cron, has nothing of the shell that somebody works in.
  const around = directory === undefined || isRemoteOnly === true ? NOTHING_AROUND : ambient(directory, starts)
  const context = {
    ...(directory === undefined ? { directories: [''] } : { workingDirectory: directory }),
    environment: new Map([...around.environment, ...environment]),
    environmentFiles: [...environmentFiles.filter((path) => starts.snapshot.paths.has(path)), ...around.environmentFiles],
    incidental: true,
  }
  return scripts.flatMap((script) => (isRemoteOnly === true ? starts.ofRemote(script, context) : starts.ofShell(script, context)))
}
