import { Stats } from './stats.js'

const stats = new Stats()

setInterval(() => {
  stats.increment('orders.processed')
}, 1000)
