import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { RequestProblem } from './problem.ts'

export interface Failure {
  /** Sent as `X-Request-Id` and in the answer. */
  readonly id: string
  readonly error: unknown
}

export interface BoundaryOptions {
  /** Told of everything that was thrown and is no RequestProblem. Default: one entry on stderr, with the id. */
  readonly onError?: (failure: Failure) => void
}

type Handler<Q, S> = (request: Q, response: S) => unknown

/**
 * A handler whose errors tell the client nothing (M8): what it throws, or rejects with, becomes 500 with an id that the log has too. Stops stacks,
 * paths, queries and versions from getting out.
 */
export function boundary<Q = IncomingMessage, S extends ServerResponse = ServerResponse>(
  handler: Handler<Q, S>,
  options: BoundaryOptions = {},
): (request: Q, response: S) => void {
  return (request, response) => {
    new Promise((resolve) => {
      resolve(handler(request, response))
    }).catch((error: unknown) => answerError(error, response, options))
  }
}

/** The same as the last middleware of Express: `app.use(expressErrors())`. Four arguments are how Express knows one. */
export function expressErrors(options: BoundaryOptions = {}) {
  return (error: unknown, _request: unknown, response: ServerResponse, _next: unknown): void => answerError(error, response, options)
}

function answerError(error: unknown, response: ServerResponse, { onError = tell }: BoundaryOptions): void {
  const id = randomUUID()
  const problem = error instanceof RequestProblem ? error : undefined
  if (problem === undefined) tellSafely({ id, error }, onError)
  if (response.headersSent) {
    // Half an answer must not look like a whole one.
    response.destroy()
    return
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  const body = {
    error: problem?.message ?? 'Internal Server Error',
    ...(problem?.field === undefined ? {} : { field: problem.field }),
    requestId: id,
  }
  response.writeHead(problem?.status ?? 500, { 'Content-Type': 'application/json; charset=utf-8', 'X-Request-Id': id })
  response.end(JSON.stringify(body))
}

/** Whatever becomes of the telling, the client is answered, and the process goes on. */
function tellSafely(failure: Failure, onError: (failure: Failure) => void): void {
  const complain = () => process.emitWarning(`onError failed for the request ${failure.id}`, 'SallyportGuard')
  try {
    const told: unknown = onError(failure)
    if (told instanceof Promise) told.catch(complain)
  } catch {
    complain()
  }
}

function tell({ id, error }: Failure): void {
  console.error(`request ${id} failed:`, error)
}
