const API = import.meta.env.VITE_API_URL ?? 'http://127.0.0.1:8000'

export async function advise(question) {
  const response = await fetch(`${API}/api/advice`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(question),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error)
  return answer
}

/** Calls back for every hand, and with a word when the connection opens or closes. Gives a function that ends it. */
export function follow(onHand, onState) {
  const socket = new WebSocket(`${API.replace(/^http/, 'ws').replace(/:\d+$/, ':8001')}/live`)
  socket.onopen = () => onState('live')
  socket.onclose = () => onState('not connected')
  socket.onmessage = ({ data }) => onHand(JSON.parse(data))
  return () => socket.close()
}
