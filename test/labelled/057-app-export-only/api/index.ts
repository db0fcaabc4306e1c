import express from 'express'
import { validate } from '../lib/validate.js'

const app = express()
app.use(express.json())

app.post('/api/contact', (req, res) => {
  const problems = validate(req.body)
  res.status(problems.length ? 422 : 202).json({ problems })
})

// No app.listen() here: the platform calls the exported handler.
// For a local try: app.listen(3000, '0.0.0.0')
export default app
