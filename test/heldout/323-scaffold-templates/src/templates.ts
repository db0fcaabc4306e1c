export const templates: Record<string, Record<string, string>> = {
  express: {
    'package.json': JSON.stringify({ name: '{{name}}', type: 'module', scripts: { start: 'node src/index.js' } }, null, 2),
    'src/index.js': `import express from 'express';

const app = express();
app.get('/', (req, res) => res.send('Hello from {{name}}'));
app.listen(process.env.PORT || 3000, '0.0.0.0');
`,
  },
  fastify: {
    'package.json': JSON.stringify({ name: '{{name}}', type: 'module', scripts: { start: 'node src/index.js' } }, null, 2),
    'src/index.js': `import Fastify from 'fastify';

const app = Fastify();
app.get('/', async () => ({ hello: '{{name}}' }));
await app.listen({ port: 3000, host: '0.0.0.0' });
`,
  },
};
