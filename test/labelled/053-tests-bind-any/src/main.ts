import { build } from './app.js'

const app = build()
const HOST = process.env.HOST ?? '127.0.0.1'
await app.listen({ port: Number(process.env.PORT ?? 5600), host: HOST })
