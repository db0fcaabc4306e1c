document.querySelector('#app').innerHTML = '<h1>Dashboard</h1>'
