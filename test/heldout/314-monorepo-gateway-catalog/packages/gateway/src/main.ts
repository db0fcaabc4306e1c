import Fastify from 'fastify';
import { addresses, urlOf } from '../../shared/src/addresses.js';

const app = Fastify({ logger: true });
const catalog = urlOf(addresses.catalog);

app.get('/products', async (_request, reply) => {
  const response = await fetch(`${catalog}/products`);
  return reply.code(response.status).send(await response.json());
});

await app.listen(addresses.gateway);
