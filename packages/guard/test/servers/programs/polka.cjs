require('polka')()
  .get('/', (_request, response) => response.end('ok'))
  .listen(3000)
