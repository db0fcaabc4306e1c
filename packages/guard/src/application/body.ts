import type { Readable } from 'node:stream'
import { RequestProblem } from './problem.ts'

/** https://standardschema.dev, version 1: zod, valibot, arktype and others are such. */
export interface Schema<Output> {
  readonly '~standard': {
    readonly validate: (value: unknown) => Outcome<Output> | Promise<Outcome<Output>>
  }
}

type Outcome<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly Issue[] }

interface Issue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

type WithBody = Readable & { readonly headers: { readonly 'content-type'?: string | undefined } }

/**
 * The body of a request as JSON that fits the schema. Stops what a form of another site can send (text/plain), floods (`maxBytes`, default 100,000)
 * and whatever the application does not expect.
 *
 * @throws RequestProblem 400 with the field, 413, 415; `boundary` answers them.
 */
export async function readJson<Output>(request: WithBody, schema: Schema<Output>, { maxBytes = 100_000 } = {}): Promise<Output> {
  // `application/json` or `…+json` (RFC 6839 §3.1): a form cannot send them without a preflight.
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new RequestProblem(415, 'The body has to be application/json.')
  const outcome = await schema['~standard'].validate(parsed(await read(request, maxBytes)))
  if (outcome.issues === undefined) return outcome.value
  const [issue] = outcome.issues
  const field = issue?.path?.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  throw new RequestProblem(400, issue?.message ?? 'The body is not what is expected.', field === '' ? undefined : field)
}

async function read(request: WithBody, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk as Uint8Array)
    size += bytes.length
    if (size > maxBytes) throw new RequestProblem(413, `The body has more than ${maxBytes} bytes.`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

function parsed(bytes: Buffer): unknown {
  try {
    // RFC 8259 §8.1: UTF-8, and nothing that is none of it becomes something else on the way.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return JSON.parse(text, (key, value: unknown) => {
      // A key that changes what every object inherits, where a program copies objects key by key.
      if (key === '__proto__' || (key === 'constructor' && hasPrototype(value))) throw new SyntaxError(key)
      return value
    })
  } catch {
    throw new RequestProblem(400, 'The body is not valid JSON.')
  }
}

/** `{ "constructor": { "prototype": … } }` leads to the same place. */
function hasPrototype(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')
}
