import Fastify from 'fastify';
import Redis from 'ioredis';

const redis = new Redis(process.env.REDIS_URL);
const app = Fastify({ logger: true, trustProxy: true });

app.get('/notes/:id', async (request, reply) => {
  const note = await redis.get(`note:${request.params.id}`);
  return note ? { note } : reply.code(404).send();
});

app.put('/notes/:id', async (request, reply) => {
  await redis.set(`note:${request.params.id}`, request.body.note, 'EX', 86400);
  return reply.code(204).send();
});

app.listen({ port: 4000, host: '0.0.0.0' });
