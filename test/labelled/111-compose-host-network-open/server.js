const express = require('express')

const app = express()
app.get('/devices', (req, res) => res.json([]))
app.listen(8450)
