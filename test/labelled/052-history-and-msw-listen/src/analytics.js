const ENDPOINT = 'https://stats.example.com/collect'

export function track(event, data) {
  navigator.sendBeacon?.(ENDPOINT, JSON.stringify({ event, ...data }))
}
