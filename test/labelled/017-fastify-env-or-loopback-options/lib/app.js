'use strict'

const fastify = require('fastify')

module.exports = function buildApp(opts = {}) {
  const app = fastify(opts)
  const sessions = new Map()
  app.get('/sessions/:id', async (req, reply) => sessions.get(req.params.id) ?? reply.code(404).send())
  return app
}
