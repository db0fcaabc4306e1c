import { COMMON_PORTS, PORT_LEVELS, PORT_USES, PORTS_TO_AVOID } from '@sallyport/core/audit'

/** docs/ports.md: the port levels, from their table. */
export function portsPage(): string {
  const ranges = (list: readonly { readonly first: number; readonly last: number }[]): string =>
    list.map(({ first, last }) => (first === last ? String(first) : `${first}–${last}`)).join(', ') || '—'
  return `${[
    '# Port levels',
    '',
    '<!-- Made by `npm run docs` from packages/core/src/audit/ports.ts. -->',
    '',
    'A port number protects nothing: it only keeps a service out of the way of those who try the usual ones. Level 1 wins where ranges overlap (8080 is level 1, though 8001–8999 is level 2).',
    'Ports that the table of levels leaves out are classed by the same reasoning; they stand in the last column.',
    '',
    '| level | name | risk | scanned | ports | by the same reasoning |',
    '| --- | --- | --- | --- | --- | --- |',
    ...PORT_LEVELS.map(
      (level) =>
        `| ${level.level} | ${level.title} | ${level.risk} | ${level.scanProbability} | ${ranges(level.ports)} | ${ranges(level.added)} |`,
    ),
    '',
    ...PORT_LEVELS.map((level) => `- Level ${level.level}: ${level.why}.`),
    '',
    '| use | ports |',
    '| --- | --- |',
    ...PORT_USES.map((use) => `| ${use.use} | ${ranges([use.ports])} |`),
    '',
    'Ports to avoid for an application of your own:',
    '',
    '| port | service | reason |',
    '| --- | --- | --- |',
    ...PORTS_TO_AVOID.map((item) => `| ${item.port} | ${item.service} | ${item.reason} |`),
    '',
    `The ports ${COMMON_PORTS.join(', ')} cost the score a flat 10, once, where somebody beyond the machine can reach them and they belong to no edge (a service with \`from: internet\` that ends TLS, passes on to others, answers to a domain, or is on 80 or 443 alone).`,
    'A port below 1024 in the development environment is a warning (it requires elevated access) and costs nothing.',
  ].join('\n')}\n`
}
