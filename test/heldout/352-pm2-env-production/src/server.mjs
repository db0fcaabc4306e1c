import Fastify from 'fastify';
import { list, take } from './parts.mjs';

const app = Fastify({ logger: process.env.NODE_ENV !== 'production' });

app.get('/parts', async () => list());
app.post('/parts/:id/take', async (request, reply) => {
  const part = take(request.params.id);
  return part ?? reply.code(409).send({ error: 'none left' });
});

const host = process.env.DEPOT_HOST || 'localhost';
const port = parseInt(process.env.DEPOT_PORT || '5900', 10);

app.listen({ host, port }, (err, address) => {
  if (err) throw err;
  console.log(`depot at ${address}`);
});
