import { api } from './api.js'
import { config } from './config.js'
import { Hands } from './hands.js'
import { live } from './live.js'

const hands = new Hands()
live(hands)
api(hands, config.debug).listen(config.port, config.host, () => {
  console.log(`API running on http://${config.host}:${config.port}`)
})
