import Fastify from 'fastify';
import { config } from './config.js';

const fastify = Fastify({ logger: true });
const stock = new Map<string, number>([
  ['bolt-m6', 1200],
  ['bolt-m8', 640],
]);

fastify.get('/stock/:sku', async (req, reply) => {
  const { sku } = req.params as { sku: string };
  const amount = stock.get(sku);
  if (amount === undefined) return reply.code(404).send({ error: 'unknown sku' });
  return { sku, amount };
});

const start = async () => {
  try {
    await fastify.listen({
      port: config.http.port,
      host: config.http.host,
    });
  } catch (err) {
    fastify.log.error(err);
    process.exit(1);
  }
};

void start();
