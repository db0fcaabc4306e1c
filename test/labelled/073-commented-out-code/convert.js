import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/*
 * Once this was a web service:
 *
 *   const app = express()
 *   app.post('/convert', upload, convert)
 *   app.listen(process.env.PORT || 3000, '0.0.0.0')
 *
 * Now it is a filter: csv in, json lines out.
 */

const file = process.argv[2]
let header

for await (const line of createInterface({ input: createReadStream(file) })) {
  const cells = line.split(',')
  if (!header) header = cells
  else console.log(JSON.stringify(Object.fromEntries(header.map((name, i) => [name, cells[i]]))))
}

// http.createServer(handler).listen(8080)
