import * as z from 'zod/mini'
import { type Meaning, MEANINGS } from './meaning.ts'
import { fileSchema } from './schema.ts'

type JsonSchema = z.core.JSONSchema.BaseSchema

/** The JSON Schema (draft 7, which editors know best) of one policy file: the same rules of form that the parser has. */
export function policyJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(fileSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => add(zodSchema, jsonSchema),
  })
  return { ...schema, title: 'Sallyport policy' }
}

/** What zod's own translation leaves out: descriptions, defaults, `x-…` keys, and which keys go together. */
function add(zodSchema: z.core.$ZodType, schema: JsonSchema): void {
  const meaning: Meaning = (MEANINGS.get(zodSchema) as Meaning | undefined) ?? {}
  if (meaning.description !== undefined) schema.description = meaning.description
  if (meaning.default !== undefined) schema.default = meaning.default
  if (meaning.exactlyOneOf !== undefined) schema.oneOf = meaning.exactlyOneOf.map((key) => ({ required: [key] }))
  if (meaning.atLeastOneOf !== undefined) schema.anyOf = meaning.atLeastOneOf.map((key) => ({ required: [key] }))
  const { type } = zodSchema._zod.def
  if (type !== 'object' && type !== 'record') return
  const { additionalProperties: values } = schema
  delete schema.propertyNames
  schema.additionalProperties = false
  schema.patternProperties = { '^x-': true }
  // An `x-` key is the user's own even where it could be a name.
  if (meaning.names !== undefined) schema.patternProperties[`^(?!x-)${meaning.names.pattern.source.slice(1)}`] = values ?? false
}
