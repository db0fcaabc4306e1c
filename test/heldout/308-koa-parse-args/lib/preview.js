import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import Koa from 'koa';

export function preview(dir, host, port) {
  const app = new Koa();

  app.use(async (ctx) => {
    if (ctx.path === '/') {
      const files = (await readdir(dir)).filter((f) => f.endsWith('.md'));
      ctx.type = 'html';
      ctx.body = files.map((f) => `<a href="/${encodeURIComponent(f)}">${f}</a>`).join('<br>');
      return;
    }
    try {
      ctx.type = 'text';
      ctx.body = await readFile(join(dir, basename(decodeURIComponent(ctx.path))), 'utf8');
    } catch {
      ctx.status = 404;
    }
  });

  return new Promise((resolve, reject) => {
    app.listen(port, host, () => resolve(`http://${host}:${port}`)).on('error', reject);
  });
}
