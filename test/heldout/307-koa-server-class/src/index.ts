import { HttpServer } from './HttpServer.js';

const server = new HttpServer({ port: 5080 });

server.app.use(async (ctx) => {
  if (ctx.path === '/health') {
    ctx.body = { ok: true };
    return;
  }
  ctx.status = 501;
  ctx.body = { error: 'thumbnails are rendered by the worker' };
});

server
  .start()
  .then(() => console.log('thumbnailer is up'))
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });

process.on('SIGTERM', () => void server.stop());
