document.body.textContent = 'todo'
