import express from 'express'

const app = express()
const port = 3001

const recipes = [
  { id: 1, title: 'Lentil soup' },
  { id: 2, title: 'Flatbread' },
]

app.use(express.json())

app.get('/api/recipes', (_req, res) => {
  res.json(recipes)
})

app.post('/api/recipes', (req, res) => {
  const recipe = { id: recipes.length + 1, title: String(req.body.title) }
  recipes.push(recipe)
  res.status(201).json(recipe)
})

app.listen(port, () => {
  console.log(`API ready at http://localhost:${port}`)
})
