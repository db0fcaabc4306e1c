const app = require('express')()
app.get('/', (_request, response) => response.send('ok'))
app.listen(3000)
