import express from 'express'
import { parseCards } from './cards.js'
import { equity } from './equity.js'

/** The REST API. */
export function api(hands, debug) {
  const app = express()
  app.use(express.json({ limit: '10kb' }))
  if (debug) {
    app.use((req, _res, next) => {
      console.log(`${req.method} ${req.path}`)
      next()
    })
  }

  app.get('/health', (_req, res) => {
    res.json({ status: 'ok' })
  })

  app.get('/api/hands', (_req, res) => {
    res.json(hands.all())
  })

  app.post('/api/advice', (req, res) => {
    const { hole, board = '', opponents = 1 } = req.body ?? {}
    const cards = parseCards(hole)
    const shown = parseCards(board)
    const known = [...(cards ?? []), ...(shown ?? [])]
    const playable = cards?.length === 2 && shown?.length <= 5 && new Set(known).size === known.length
    if (!playable || !Number.isInteger(opponents) || opponents < 1 || opponents > 8) {
      res.status(400).json({ error: 'hole: two cards, as in "As Kd"; board: up to five; opponents: 1 to 8' })
      return
    }
    const win = equity(cards, shown, opponents)
    const advice = win > 1.2 / (opponents + 1) ? 'raise' : win > 0.8 / (opponents + 1) ? 'call' : 'fold'
    res.json(hands.add({ hole, board, opponents, win, advice }))
  })

  app.use((error, _req, res, _next) => {
    res.status(error.status ?? 500).json({ error: error.expose ? error.message : 'internal error' })
  })
  return app
}
