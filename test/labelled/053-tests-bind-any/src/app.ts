import fastify, { type FastifyInstance } from 'fastify'

export function build(): FastifyInstance {
  const app = fastify()
  app.get<{ Querystring: { km: number } }>('/miles', async (req) => ({ miles: req.query.km * 0.621371 }))
  return app
}
