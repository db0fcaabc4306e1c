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
    const answer = await ask(url, Math.min(TRY_MS, Math.max(until - performance.now(), PAUSE_MS)))
    if (answer.kind === 'status' || performance.now() + PAUSE_MS > until) return answer
    await sleep(PAUSE_MS)
  }
}

/** `patience`: for the whole of it, in milliseconds, also where something answers a letter at a time. */
function ask(url: URL, patience: number): Promise<Answer> {
  return new Promise((resolve) => {
    const ask = url.protocol === 'https:' ? requestTls : request
    const sent = ask(url, { method: 'GET', rejectUnauthorized: false, agent: false }, (response) => {
      resolve({ kind: 'status', status: response.statusCode ?? 0 })
      // What else it says may never end.
      response.destroy()
    })
    const limit = setTimeout(() => sent.destroy(new Error('no answer in time')), patience)
    sent.on('close', () => clearTimeout(limit))
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
