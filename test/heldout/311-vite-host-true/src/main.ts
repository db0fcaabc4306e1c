const app = document.querySelector<HTMLDivElement>('#app')!

function tick() {
  app.textContent = new Date().toLocaleTimeString()
}

tick()
setInterval(tick, 1000)
