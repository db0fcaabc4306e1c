'use strict'

const express = require('express')
const { bindAddress, port } = require('./settings')

const app = express()
app.use(express.text({ type: '*/*' }))

app.post('/print', (req, res) => {
  console.log('printing %d bytes', req.body.length)
  res.status(201).end()
})

app.listen(port, bindAddress, function () {
  console.log('label printer on', this.address())
})
