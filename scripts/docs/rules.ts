import { CATALOGUE, SCORE_CAPS, SEVERITY_COST } from '@sallyport/core/audit'

/** docs/rules.md: the rule catalogue and the score, from their tables. */
export function rulesPage(): string {
  const sections = CATALOGUE.map((rule) =>
    [
      `## ${rule.id}`,
      '',
      `**${rule.title}.** Severity up to ${rule.severity}${rule.flatCost === undefined ? '' : `; costs ${rule.flatCost}, once`}.`,
      '',
      `What it looks at: ${rule.looksAt}`,
      '',
      `Why it matters: ${rule.why}`,
      '',
      `What to do: ${rule.fix}`,
    ].join('\n'),
  )
  const costs = Object.entries(SEVERITY_COST).map(([severity, cost]) => `| ${severity} | ${cost} |`)
  return `${[
    '# Rules and score',
    '',
    '<!-- Made by `npm run docs` from packages/core/src/audit/catalogue.ts. -->',
    '',
    'The score starts at 100. A rule that fires takes away the cost of its worst finding; all its further findings together at most as much again. It never falls below 0.',
    '',
    '| severity | cost |',
    '| --- | --- |',
    ...costs,
    '',
    `It is no average: with a critical finding it is at most ${SCORE_CAPS.critical}, with a high one at most ${SCORE_CAPS.high}, and with a verdict left open that could become a finding at most ${SCORE_CAPS.undecided}. Without a policy the score is of what needs none to be wrong; where anything can be reached from beyond the machine, it is at most ${SCORE_CAPS.undeclared}, since nobody has said whether that is meant. The exit code goes by findings and open verdicts, not by the score.`,
    '',
    ...sections.flatMap((section) => [section, '']),
  ]
    .join('\n')
    .trimEnd()}\n`
}
