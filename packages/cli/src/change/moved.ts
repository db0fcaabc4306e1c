import { request } from 'node:http'
import { request as requestTls } from 'node:https'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** What an address says. */
export type Answer = { readonly kind: 'status'; readonly status: number } | { readonly kind: 'none'; readonly why: string }

/** So long one try may take, and so long lies between two, in milliseconds. */
const TRY_MS = 5_000
const PAUSE_MS = 500

/** Waits until a URL answers at all, for so many milliseconds. Certificates are not judged: whether something answers is asked. */
export async function answerWithin(url: URL, patience: number): Promise<Answer> {
  const until = performance.now() + patience
  for (;;) {
    const answer = await ask(url)
    if (answer.kind === 'status' || performance.now() + PAUSE_MS > until) return answer
    await sleep(PAUSE_MS)
  }
}

function ask(url: URL): Promise<Answer> {
  return new Promise((resolve) => {
    const ask = url.protocol === 'https:' ? requestTls : request
    const sent = ask(url, { method: 'GET', timeout: TRY_MS, rejectUnauthorized: false, agent: false }, (response) => {
      response.resume()
      resolve({ kind: 'status', status: response.statusCode ?? 0 })
    })
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')))
    sent.on('error', (error: NodeJS.ErrnoException) => resolve({ kind: 'none', why: error.code ?? error.message }))
    sent.end()
  })
}

/** Whether something still takes connections there. */
export function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[(.*)\]$/, '$1'), port, timeout: TRY_MS })
    const end = (is: boolean): void => {
      socket.destroy()
      resolve(is)
    }
    socket.on('connect', () => end(true))
    socket.on('error', () => end(false))
    socket.on('timeout', () => end(false))
  })
}
