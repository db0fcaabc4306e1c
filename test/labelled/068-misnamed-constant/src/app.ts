import express from 'express'
import * as constants from './constants.js'

const app = express()
app.get('/menu', (_req, res) => {
  res.json(['soup', 'pie'])
})

app.listen(constants.DEFAULT_PORT, constants.LOCALHOST, () => {
  console.log(`listening on ${constants.LOCALHOST}`)
})
