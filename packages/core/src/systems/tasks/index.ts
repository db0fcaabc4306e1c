import type { System } from '../system.ts'

/** Task runners, crontabs and workflows: what their commands start. */
export const tasks: System = {
  name: 'tasks',
  title: 'task file',
  reads: [
    { path: /(?:^|\/)(?:\.?justfile|[\w.-]+\.just)$/i },
    { path: /(?:^|\/)[Tt]askfile(?:\.dist)?\.ya?ml$/ },
    { path: /(?:^|\/)(?:\.?mise(?:\.[\w-]+){0,2}|\.config\/mise(?:\/config)?|mise\/config)\.toml$/ },
    { path: /(?:^|\/)(?:pyproject|pixi)\.toml$/, contains: /\b(?:scripts|tasks)\b/ },
    { path: /(?:^|\/)Pipfile$/, contains: /^\[scripts\]/m },
    { path: /(?:^|\/)deno\.jsonc?$/, contains: /"tasks"/ },
    { path: /(?:^|\/)project\.json$/, contains: /"targets"/ },
    { path: /(?:^|\/)(?:crontab|cron\.d\/[\w.-]+|[\w.-]+\.(?:cron|crontab))$/ },
    { path: /^\.github\/workflows\/[^/]+\.ya?ml$/, contains: /\bssh\b|self-hosted/ },
    { path: /(?:^|\/)\.gitlab-ci\.ya?ml$/, contains: /\bssh\b/ },
  ],
  load: async () => (await import('./read.ts')).tasksReader,
}
