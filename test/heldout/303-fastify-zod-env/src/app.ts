import Fastify from 'fastify';
import { env } from './env.js';

export function buildApp() {
  const app = Fastify({ logger: { level: env.LOG_LEVEL } });

  app.get('/health', async () => ({ status: 'ok' }));

  app.get<{ Querystring: { amount: string; currency?: string } }>('/quote', async (request, reply) => {
    const amount = Number(request.query.amount);
    if (!Number.isFinite(amount)) {
      return reply.code(400).send({ error: 'amount must be a number' });
    }
    return { amount, currency: request.query.currency ?? 'EUR', total: Math.round(amount * 119) / 100 };
  });

  return app;
}
