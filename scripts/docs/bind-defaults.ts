import type { FrameworkDefault } from '@sallyport/core/systems'
import { CONFIGURATION_ROWS, SERVER_ROWS } from '../../packages/core/src/systems/javascript/frameworks/index.ts'
import { GO_FRAMEWORKS } from '../../packages/core/src/systems/go/frameworks.ts'
import { PROGRAMS } from '../../packages/core/src/systems/programs/index.ts'
import { PYTHON_FRAMEWORKS } from '../../packages/core/src/systems/python/frameworks.ts'

const WORDS: Readonly<Record<FrameworkDefault['defaultHost'], string>> = {
  '*': '**every interface**, IPv4 and IPv6',
  '0.0.0.0': '**every interface**, IPv4',
  '::': '**every interface**, IPv6',
  localhost: 'this machine (`localhost`)',
  '127.0.0.1': 'this machine (`127.0.0.1`)',
}

/** docs/bind-defaults.md: what listens where when nobody says so, from the tables of the readers. */
export function bindDefaultsPage(): string {
  return [
    '# Where servers listen by default',
    '',
    '<!-- Made by `npm run docs` from the tables in packages/core/src/systems/{javascript,python,programs}. -->',
    '',
    'What is bound when the host is left out. A server that listens on every interface can be reached by whoever reaches the machine;',
    'one that listens on this machine only cannot, whatever the firewall says. `*` in reports is every interface.',
    'Rows of what is installed here are started by `test/bind-defaults.test.ts`, which reads their sockets.',
    '',
    ...section('JavaScript and TypeScript', [...SERVER_ROWS, ...CONFIGURATION_ROWS]),
    ...section('Python', PYTHON_FRAMEWORKS),
    ...section('Go', GO_FRAMEWORKS),
    ...section('Programs', PROGRAMS),
  ].join('\n')
}

function section(title: string, rows: readonly FrameworkDefault[]): readonly string[] {
  return [
    `## ${title}`,
    '',
    '| what | written | without a host | without a port | source |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(
      (row) =>
        `| ${cell(row.title)}${row.protocol === 'udp' ? ' (UDP)' : ''} | ${code(row.example)} | ${WORDS[row.defaultHost]} | ${portOf(row)} | ${cell(row.source)} |`,
    ),
    '',
  ]
}

function portOf({ defaultPort }: FrameworkDefault): string {
  if (defaultPort === undefined) return 'has to be given'
  return defaultPort === 0 ? 'one the system chooses' : String(defaultPort)
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('_', '\\_')

/** Code in a table: a bar ends the cell even there. */
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``
