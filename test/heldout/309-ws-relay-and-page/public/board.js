const canvas = document.getElementById('board');
const ctx = canvas.getContext('2d');
const socket = new WebSocket(`ws://${location.hostname}:8081`);

const draw = ({ x, y }) => ctx.fillRect(x, y, 3, 3);
socket.addEventListener('message', async (event) => draw(JSON.parse(await event.data.text())));
canvas.addEventListener('pointermove', (event) => {
  if (!event.buttons) return;
  const point = { x: event.offsetX, y: event.offsetY };
  draw(point);
  socket.send(new Blob([JSON.stringify(point)]));
});
