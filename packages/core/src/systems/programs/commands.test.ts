import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type CommandBind, type Setting, Text, type Value, type Word } from '../../evidence/index.ts'
import { passageAt } from '../passage.ts'
import { readShell } from '../shell/walk.ts'
import { type CommandReading, readCommand } from './index.ts'

/**
 * `commands.txt`: a command line as a shell script would write it, a line `→`, what it starts. Lines that start with `@` say what surrounds it:
 * `@paths`, `@in`, `@mount /app=services/api`, `@container`, `@env NAME=value`, `@file path text` (`\\n` ends a line).
 */
interface Case {
  readonly line: number
  readonly command: string
  readonly directives: readonly string[]
  readonly expected: readonly string[]
}

function cases(): readonly Case[] {
  const found: Case[] = []
  let directives: string[] = []
  for (const [index, line] of readFileSync(new URL('commands.txt', import.meta.url), 'utf8')
    .split('\n')
    .entries()) {
    if (line === '' || line.startsWith('#')) {
      directives = line === '' ? [] : directives
      continue
    }
    if (line.startsWith('@')) directives = [...directives, line.slice(1)]
    else if (line.startsWith('  ')) {
      const last = found.at(-1)
      if (last !== undefined) found[found.length - 1] = { ...last, expected: [...last.expected, line.trim()] }
    } else found.push({ line: index + 1, command: line, directives, expected: [] })
  }
  return found
}

function valueOf(directives: readonly string[], name: string): string | undefined {
  return directives.find((directive) => directive.startsWith(`${name} `))?.slice(name.length + 1)
}

function read({ command, directives }: Case): CommandReading {
  const text = new Text('start.sh', command)
  const words: readonly Word[] = readShell(text).commands.flatMap((found) => [
    ...[...found.environment].map(([name, setting]): Word => ({ text: prefixed(name, setting), shown: text.origin(0, 1).line })),
    ...found.words,
  ])
  const files = new Map(
    directives.flatMap((directive): [string, Text][] => {
      const match = /^file (\S+) (.*)$/.exec(directive)
      return match === null ? [] : [[match[1] ?? '', new Text(match[1] ?? '', (match[2] ?? '').replaceAll('\\n', '\n'))]]
    }),
  )
  const paths = files.size === 0 ? valueOf(directives, 'paths') : [...files.keys()].join(' ')
  const environment = directives.flatMap((directive): [string, Setting][] => {
    const match = /^env (\w+)=(.*)$/.exec(directive)
    const origin = text.origin(0, 1)
    return match === null ? [] : [[match[1] ?? '', { value: { kind: 'known', value: match[2] ?? '', origin }, origin }]]
  })
  const directory = valueOf(directives, 'in')
  const mounts = directives.flatMap((directive): [string, string][] => {
    const match = /^mount (\S+)=(.*)$/.exec(directive)
    return match === null ? [] : [[match[1] ?? '', match[2] ?? '']]
  })
  return readCommand(words, {
    ...(directory === undefined ? {} : { workingDirectory: directory }),
    ...(paths === undefined ? {} : { paths: new Set(paths.split(' ')) }),
    mounts: new Map(mounts),
    environment: new Map(environment),
    inContainer: directives.includes('container'),
    text: (path) => files.get(path),
  })
}

/** The shell reader takes assignments off the words; readers that hand over a plain list of words do not. */
function prefixed(name: string, setting: Setting): Value {
  const value = setting.value.kind === 'known' ? String(setting.value.value) : ''
  return { kind: 'known', value: `${name}=${value}`, origin: setting.origin }
}

function shown(value: Value): string {
  switch (value.kind) {
    case 'known':
      return JSON.stringify(value.value).replace(/^"(.*)"$/, value.value === '' ? "''" : '$1')
    case 'environment': {
      const fallback = value.fallback.kind === 'absent' ? '' : `${value.emptyIsUnset ? ':' : ''}-${shown(value.fallback)}`
      return `\${${value.name}${value.whenSet === undefined ? '' : `:+${shown(value.whenSet)}`}${fallback}}`
    }
    case 'argument':
      return `argument ${value.name} or ${shown(value.fallback)}`
    case 'absent':
      return 'default'
    case 'joined':
      return value.parts.map(shown).join('')
    case 'choice':
      return value.options.map(shown).join(' | ')
    case 'unknown':
      return '?'
    default:
      return value satisfies never
  }
}

function shownBind(bind: CommandBind): string {
  const host = bind.host.kind === 'absent' ? `(${bind.defaultHost})` : shown(bind.host)
  const port = bind.port.kind === 'absent' ? `(${bind.defaultPort ?? '-'})` : shown(bind.port)
  return `${bind.program} ${host} ${port}${bind.protocol === 'udp' ? ' udp' : ''}`
}

function shownReading(reading: CommandReading): readonly string[] {
  const { script } = reading
  return [
    ...(reading.entry === undefined ? [] : [`entry ${reading.entry}`]),
    ...[...(reading.serves === undefined ? [] : [reading.serves]), ...reading.alsoServes].map(shownBind),
    ...reading.debuggers.map((bind) => `debugger ${shownBind(bind)}`),
    ...(script === undefined
      ? []
      : [
          `script ${script.name} in ${script.directory === '' ? '.' : (script.directory ?? '?')}${script.workspace === undefined ? '' : ` of ${script.workspace}`}`,
        ]),
    ...(script?.extra ?? []).map((word) => `extra ${shown(word.text)}`),
    ...(script?.orProgram === undefined ? [] : shownReading(script.orProgram).map((line) => `or ${line}`)),
    ...[...reading.environment].map(([name, setting]) => `set ${name}=${shown(setting.value)}`),
    ...reading.environmentFiles.map((path) => `variables of ${path}`),
    ...(reading.unseenEnvironment === undefined ? [] : [`others may be set ${reading.unseenEnvironment.how}`]),
    ...(reading.clearsEnvironment === true ? ['without the variables around it'] : []),
    ...reading.configurationFiles.map((path) => `configuration ${path}`),
    ...[...reading.arguments].filter(([name]) => name.startsWith('-')).map(([name, setting]) => `argument ${name}=${shown(setting.value)}`),
    ...reading.unknown.map(({ reason }) => `unknown: ${reason}`),
    ...reading.also.flatMap((also) => shownReading(also).map((line) => `also ${line}`)),
  ]
}

describe('command lines', () => {
  const all = cases()
  it.each(all.map((one) => [`${one.directives.map((directive) => `@${directive} `).join('')}${one.command}`, one] as const))(
    '%s',
    (_, one) => {
      const lines = shownReading(read(one))
      expect(lines.length === 0 ? ['nothing'] : lines, `commands.txt:${one.line}`).toEqual(one.expected)
    },
  )

  it('P8 · are read in more than a hundred forms', () => {
    expect(all.length).toBeGreaterThan(100)
  })

  it('gives each value the place of its word', () => {
    const text = new Text('run.sh', 'exec uvicorn main:app --host 0.0.0.0')
    const words = text.content.split(' ').map((word): Word => {
      const start = text.content.indexOf(word)
      const origin = text.origin(start, start + word.length)
      return { text: { kind: 'known', value: word, origin }, shown: origin.line }
    })
    const host = readCommand(words).serves?.host
    expect(host?.kind === 'known' && host.origin.span.start.column).toBe(30)
  })

  it('reads commands inside a command without an end to them', () => {
    const origin = passageAt('', new Text('x', 'x').origin(0, 1)).origin(0, 0)
    const word = (value: string): Word => ({ text: { kind: 'known', value, origin }, shown: origin.line })
    const reading = readCommand([...Array.from({ length: 5000 }, () => word('sudo')), word('uvicorn')])
    expect(reading.serves).toBeUndefined()
    expect(reading.unknown).toHaveLength(1)
  })

  it('tells so many addresses of one command apart, and knows that there are more', () => {
    const origin = passageAt('', new Text('x', 'x').origin(0, 1)).origin(0, 0)
    const line = ['redis-server', '--bind', ...Array.from({ length: 3000 }, (_, index) => `192.0.2.${index % 250}`), '--port', '6380']
    const reading = readCommand(line.map((value): Word => ({ text: { kind: 'known', value, origin }, shown: origin.line })))
    const hosts = [reading.serves, ...reading.alsoServes].map((bind) => bind?.host.kind)
    expect(hosts.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([...Array.from({ length: 100 }, () => 'known'), 'unknown'])
  })
})
