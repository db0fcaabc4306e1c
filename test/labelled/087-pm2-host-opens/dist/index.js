import fastify from 'fastify';
const host = process.env.HOST ?? '127.0.0.1';
const port = Number(process.env.PORT ?? 7000);
const app = fastify();
app.get('/health', async () => ({ ok: true }));
await app.listen({ host, port });
