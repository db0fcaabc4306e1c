const express = require('express')

const app = express()

app.get('/holidays/:year', (req, res) => {
  res.json([`${req.params.year}-01-01`])
})

if (require.main === module) {
  app.listen(3090)
}

module.exports = app
