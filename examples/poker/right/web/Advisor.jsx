import { useEffect, useState } from 'react'
import { advise, follow } from './api.js'

export function Advisor() {
  const [hands, setHands] = useState([])
  const [state, setState] = useState('connecting')
  const [error, setError] = useState('')

  useEffect(() => follow((hand) => setHands((before) => [hand, ...before].slice(0, 20)), setState), [])

  async function ask(form) {
    setError('')
    try {
      await advise({ hole: form.get('hole'), board: form.get('board'), opponents: Number(form.get('opponents')) })
    } catch (reason) {
      setError(reason.message)
    }
  }

  return (
    <main>
      <h1>Poker advisor</h1>
      <p role="status">{state}</p>
      <form action={ask}>
        <label>
          Your cards <input name="hole" defaultValue="As Kd" />
        </label>
        <label>
          Board <input name="board" />
        </label>
        <label>
          Opponents <input name="opponents" type="number" min="1" max="8" defaultValue="1" />
        </label>
        <button>Ask</button>
      </form>
      {error && <p role="alert">{error}</p>}
      <ul>
        {hands.map(({ id, hole, board, win, advice }) => (
          <li key={id}>
            {hole} / {board || 'no board'}: {advice} ({Math.round(win * 100)} %)
          </li>
        ))}
      </ul>
    </main>
  )
}
