const list = document.getElementById('recipes')

const response = await fetch('/api/recipes')
for (const recipe of await response.json()) {
  const item = document.createElement('li')
  item.textContent = recipe.title
  list.append(item)
}
