import type { HostName, Policy, Service } from '../../../policy/index.ts'
import { hasSeveralPorts, managedBy } from '../../managed.ts'
import type { ManagedApp, WriteOptions, Writer, Written } from '../../write.ts'
import { type HostFiles, madeFor, writtenFor } from '../../written-hosts.ts'
import { managedApp } from './app.ts'
import { comparePm2 } from './compare.ts'

const PATH = 'ecosystem.config.js'

/** Of one environment: which it is, the policy has been told. */
function writePm2(policy: Policy, options: WriteOptions): Written {
  return writtenFor(policy, options, (host) => hostFile(policy, host, options), {
    why: 'no service of the policy is run by PM2',
    next: 'say which are: `run: { pm2: NAME }`, or name one',
  })
}

function hostFile(policy: Policy, host: HostName, options: WriteOptions): HostFiles | undefined {
  const services = managedBy(policy, host, 'pm2', options)
  if (services.length === 0) return undefined
  const guessed = services.filter(({ run }) => run.by !== 'command').map(({ run }) => run.name)
  const several = services.filter(hasSeveralPorts).map(({ name }) => name)
  return {
    files: [{ path: PATH, text: textOf(policy, host, services) }],
    notes: [
      ...(guessed.length === 0
        ? []
        : [
            `${guessed.join(', ')}: started by \`npm start\` in a folder of the same name, since the policy does not say how; correct script and cwd`,
          ]),
      ...(several.length === 0 ? [] : [`${several.join(', ')}: PORT is the first of several ports`]),
    ],
  }
}

function textOf(policy: Policy, host: HostName, services: readonly Service[]): string {
  const lines = madeFor(policy, host, 'what PM2 starts, and where it listens')
  return [
    ...lines.map((line) => `// ${line}`),
    'module.exports = {',
    '  apps: [',
    ...services.flatMap((service) => appLines(managedApp(service, policy, host))),
    '  ],',
    '}',
    '',
  ].join('\n')
}

function appLines({ name, start, environment }: ManagedApp): readonly string[] {
  const { cwd, script, args, interpreter } = start
  return [
    '    {',
    `      name: ${quoted(name)},`,
    ...(cwd === undefined ? [] : [`      cwd: ${quoted(cwd)},`]),
    `      script: ${quoted(script)},`,
    ...(args.length === 0 ? [] : [`      args: [${args.map(quoted).join(', ')}],`]),
    ...(interpreter === undefined ? [] : [`      interpreter: ${quoted(interpreter)},`]),
    '      env: {',
    ...[...environment].map(([variable, value]) => `        ${variable}: ${variable === 'PORT' ? value : quoted(value)},`),
    '      },',
    '    },',
  ]
}

/** A text of JavaScript. What a policy says in one line has no line ends. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}

export const writer: Writer = {
  write: writePm2,
  compare: comparePm2,
  apps: (policy, host, options) => managedBy(policy, host, 'pm2', options).map((service) => managedApp(service, policy, host)),
}
