import { describe, expect, test } from 'vitest'
import { goldenFile, showValue } from '../../../test/reader.ts'
import { ABSENT, Text } from '../../evidence/index.ts'
import type { ShellCommand } from './command.ts'
import { readShell } from './walk.ts'

function show(command: ShellCommand, path: string): string {
  const words = command.words.map((word) => showValue(word.text, path)).join(' ')
  const environment = [...command.environment].map(([name, { value }]) => `  ${name}=${showValue(value, path)}`)
  return [
    `${command.certain ? '' : 'perhaps '}${words}${command.workingDirectory === undefined ? '' : ` in '${command.workingDirectory}'`}`,
    ...environment,
    ...command.environmentFiles.map((file) => `  loads ${file}`),
    ...(command.unseenEnvironment === undefined ? [] : [`  others may be set ${command.unseenEnvironment.how}`]),
  ].join('\n')
}

function read(files: ReadonlyMap<string, string>): string {
  const [[path, content] = ['', '']] = files
  const { commands, problems } = readShell(new Text(path, content), {
    script: path,
    directories: path.includes('/') ? [path.slice(0, path.lastIndexOf('/')), ''] : [''],
    isDirectory: (directory) => [...files.keys()].some((file) => file.startsWith(`${directory}/`)),
    files: new Set(files.keys()),
    sourced: (name) => (files.has(name) ? new Text(name, files.get(name) ?? '') : undefined),
  })
  const reported = problems.map(
    ({ reason, origin }) => `problem ${reason} at ${origin.path}:${origin.span.start.line}:${origin.span.start.column}`,
  )
  return [...commands.map((command) => show(command, path)), ...reported].join('\n')
}

const cases = await goldenFile(`${import.meta.dirname}/golden/commands.txt`, async (files) => read(files))

describe('commands of a script', () => {
  for (const { title, expected, actual } of cases) test(title, () => expect(actual).toBe(expected))

  test('C4 · options that are asked for again and again, with variables set in between that nobody knows: followed to the end', () => {
    const round = 'while getopts h: o; do case $o in h) HOST=$OPTARG;; esac; done\nread -r "$NAME"\nrun $HOST\n'
    const { commands } = readShell(new Text('a.sh', `HOST=127.0.0.1\n${round.repeat(100)}`), { script: 'a.sh' })
    const last = commands.at(-1)?.words.at(-1)?.text ?? ABSENT
    expect(commands).toHaveLength(100)
    expect(showValue(last, 'a.sh').length).toBeLessThan(2000)
  })

  test('C4 · what a script adds to a variable ten thousand times counts as not known', () => {
    const { commands } = readShell(new Text('a.sh', `read -r A\n${'A+=$B\n'.repeat(10_000)}run $A\n`), { script: 'a.sh' })
    const last = commands.at(-1)?.words.at(-1)?.text
    const parts = last?.kind === 'joined' ? last.parts : []
    expect(parts[0]).toMatchObject({ kind: 'unknown', reason: 'put together of too many parts' })
    expect(parts.length).toBeLessThan(66)
  })

  test('Windows line ends change nothing', () => {
    const plain = (text: string) => text.replace(/@[\w./-]*\d+:\d+| at \S+$/gm, '')
    const sound = cases.filter(({ title }) => !title.startsWith('damage') && !title.startsWith('words:'))
    for (const { title, files } of sound) {
      const windows = new Map([...files].map(([path, text]) => [path, text.replace(/\r?\n/g, '\r\n')]))
      expect({ title, commands: plain(read(windows)) }).toEqual({ title, commands: plain(read(files)) })
    }
  })
})
