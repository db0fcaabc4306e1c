import type { Item } from '../../packages/cli/src/checklist/item.ts'
import { PHASE_TITLES, PHASES } from '../../packages/cli/src/checklist/item.ts'
import { CHECKLISTS, COMMON_ITEMS } from '../../packages/cli/src/checklist/lists.ts'
import { type NumberedTest, numberedTests } from './test-titles.ts'

/** docs/checklists.md: every item with how it is answered, its command and its test. Throws where a test that an item names is not there. */
export function checklistsPage(): string {
  const tests = numberedTests()
  const lists = [...CHECKLISTS, { name: 'common', title: 'Every deployment', items: COMMON_ITEMS }]
  return `${[INTRODUCTION, ...lists.flatMap(({ name, title, items }) => [`## ${title}`, '', `\`sallyport checklist ${name}\``, '', ...phases(items, tests)])].join('\n').trimEnd()}\n`
}

function phases(items: readonly Item[], tests: readonly NumberedTest[]): readonly string[] {
  return PHASES.flatMap((phase) => {
    const own = items.filter((item) => item.phase === phase)
    if (own.length === 0) return []
    return [
      `### ${PHASE_TITLES[phase]}`,
      '',
      '| number | item | answered by | command | test |',
      '| --- | --- | --- | --- | --- |',
      ...own.map(
        (item) =>
          `| ${item.requirement} | ${cell(item.text)} | ${cell(answeredBy(item))} | \`${item.command}\` | ${cell(testOf(item, tests))} |`,
      ),
      '',
    ]
  })
}

function answeredBy({ answer }: Item): string {
  switch (answer.kind) {
    case 'rules':
      return `no finding of ${answer.rules.map((rule) => `[${rule}](rules.md#${rule})`).join(', ')}`
    case 'fact':
      return 'computed'
    case 'by-hand':
      return `by hand: ${answer.look}`
    default:
      return answer satisfies never
  }
}

function testOf({ id, requirement, test }: Item, tests: readonly NumberedTest[]): string {
  if (test === undefined) return 'by hand'
  const [, number = requirement, title = test] = /^([A-Z]\d{1,2}) · (.*)$/.exec(test) ?? []
  const found = tests.find(({ says, requirements }) => says === title && requirements.includes(number))
  if (found === undefined) throw new Error(`docs/checklists.md: ${id} names a test that is not there: “${test}”`)
  return `[${found.requirements.join(', ')} · ${found.says}](../${found.file})`
}

/** A bar ends a cell, and what stands in brackets would be taken for an element. */
function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`).replaceAll('<', '&lt;')
}

const INTRODUCTION = `# Checklists

<!-- Made by \`npm run docs\` from packages/cli/src/checklist/items and the titles of the tests. -->

\`sallyport checklist [NAME]\` goes through the checklist of a deployment. Each item is

- **pass**: a program has looked, everything that the answer rests on was seen, and nothing is wrong;
- **FAIL**: something is wrong, with the finding and its place;
- **by hand**: no program can tell, or what would tell is not there: with what to look at, and where. What somebody has accepted in the policy is by hand, too;
- **undecided**: by hand, since something was there and could not be seen or understood: it may be wrong.

\`\`\`sh
sallyport checklist                        # the lists that fit what is there, if any does, and what holds for every deployment
sallyport checklist engines --phase before # one list, one phase: before, after, continuous, incident
sallyport checklist --format markdown      # boxes to tick, for a wiki or a ticket
\`\`\`

It exits 1 when an item fails (\`--fail-on never\`: 0), 3 when none fails and one is undecided (\`--allow-unknown\`: 0), 0 otherwise.
Items by hand are for a person, and change no exit code. \`--scope\`, \`--evidence\`, \`--policy\` and \`--environment\` are those of \`check\`.

What the tables say of a test is what proves the answer, or the command that helps with it; where it stands “by hand”, only a person can tell.
The number is that of the requirement that an item comes from, which the tests that prove it have in their titles: E for the engines, M for monitoring, V for voice, P for poker,
I for telephony, C for every deployment. \`--format json\` has it as \`requirement\`, as has that of \`verify\`.
`
