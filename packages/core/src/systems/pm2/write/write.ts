import type { HostName, Policy, Service } from '../../../policy/index.ts'
import { listenAddress } from '../../admitted.ts'
import { hasSeveralPorts, listenVariables, managedBy } from '../../managed.ts'
import type { WriteOptions, Writer, Written } from '../../write.ts'
import { type HostFiles, madeFor, writtenFor } from '../../written-hosts.ts'
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
    ...services.flatMap((service) => appLines(service, policy, host)),
    '  ],',
    '}',
    '',
  ].join('\n')
}

function appLines(service: Service, policy: Policy, host: HostName): readonly string[] {
  const variables = [...listenVariables(service, listenAddress(service, host, policy)), ['NODE_ENV', nodeEnvironment(policy)] as const]
  return [
    '    {',
    `      name: ${quoted(service.run.by === 'command' ? service.name : service.run.name)},`,
    ...startOf(service).map((line) => `      ${line},`),
    '      env: {',
    ...variables.map(([name, value]) => `        ${name}: ${name === 'PORT' ? value : quoted(value)},`),
    '      },',
    '    },',
  ]
}

/** Express and its like tell strangers more where it is not `production`. */
function nodeEnvironment({ environment }: Policy): string {
  return environment === 'development' || environment === 'test' ? environment : 'production'
}

/** A plain command is started as it is, any other by the shell for which it was written. */
function startOf({ run }: Service): readonly string[] {
  if (run.by !== 'command') return [`cwd: ${quoted(`./${run.name}`)}`, "script: 'npm'", "args: ['start']"]
  const words = /^[A-Za-z0-9_./:=@%+, -]+$/.test(run.name) ? run.name.trim().split(/ +/) : ['/bin/sh', '-c', run.name]
  const [program = '', ...rest] = words
  const isNode = program === 'node' && rest[0] !== undefined && !rest[0].startsWith('-')
  const [script = '', ...args] = isNode ? rest : words
  return [
    `script: ${quoted(script)}`,
    ...(args.length === 0 ? [] : [`args: [${args.map(quoted).join(', ')}]`]),
    ...(isNode ? [] : ["interpreter: 'none'"]),
  ]
}

/** A text of JavaScript. What a policy says in one line has no line ends. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`
}

export const writer: Writer = { write: writePm2, compare: comparePm2 }
