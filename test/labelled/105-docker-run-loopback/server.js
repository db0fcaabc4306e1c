const express = require('express')
const app = express()
app.get('/barcode/:text', (req, res) => res.type('svg').send('<svg xmlns="http://www.w3.org/2000/svg"/>'))
app.listen(3000, '0.0.0.0')
