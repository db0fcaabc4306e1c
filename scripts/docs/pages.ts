import { policyJsonSchema } from '@sallyport/core/policy'
import { z } from 'zod'
import { diffSchema, explainSchema, portsSchema, reportSchema } from '../../packages/cli/src/report/schema.ts'
import { bindDefaultsPage } from './bind-defaults.ts'
import { checklistsPage } from './checklists.ts'
import { guardPage } from './guard.ts'
import { telephonyPicture } from './picture.ts'
import { portsPage } from './ports.ts'
import { readmePage } from './readme.ts'
import { rulesPage } from './rules.ts'

/** Every page of docs/ that is made from the code. */
export const PAGES: readonly { readonly path: string; text(): string }[] = [
  { path: 'README.md', text: readmePage },
  { path: 'docs/rules.md', text: rulesPage },
  { path: 'docs/ports.md', text: portsPage },
  { path: 'docs/guard.md', text: guardPage },
  { path: 'docs/bind-defaults.md', text: bindDefaultsPage },
  { path: 'docs/checklists.md', text: checklistsPage },
  { path: 'docs/telephony.svg', text: telephonyPicture },
  { path: 'docs/schema/policy.schema.json', text: () => json(policyJsonSchema()) },
  { path: 'docs/schema/check.schema.json', text: () => json(z.toJSONSchema(reportSchema)) },
  { path: 'docs/schema/diff.schema.json', text: () => json(z.toJSONSchema(diffSchema)) },
  { path: 'docs/schema/explain.schema.json', text: () => json(z.toJSONSchema(explainSchema)) },
  { path: 'docs/schema/ports.schema.json', text: () => json(z.toJSONSchema(portsSchema)) },
]

function json(schema: unknown): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}
