import { Bus } from './bus.js'
import { createStore } from './store.js'

const app = new Bus()
const server = createStore({ port: 3000, host: '0.0.0.0' })

app.listen(3000, () => console.log('topic 3000'))
app.listen('0.0.0.0', (value) => console.log(value))
server.listen((state) => app.say('state', state))

export { app, server }
