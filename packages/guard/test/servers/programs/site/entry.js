document.title = 'ok'
