import express from 'express';
import { endpoints } from './config.js';
import { count, startMetrics } from './metrics.js';

const tickets: { id: number; subject: string; open: boolean }[] = [];

const api = express();
api.use(express.json());
api.post('/tickets', (req, res) => {
  const ticket = { id: tickets.length + 1, subject: String(req.body.subject), open: true };
  tickets.push(ticket);
  count('tickets_created');
  res.status(201).json(ticket);
});

const admin = express();
admin.get('/tickets', (_req, res) => {
  res.json(tickets);
});
admin.post('/tickets/:id/close', (req, res) => {
  const ticket = tickets.find((t) => t.id === Number(req.params.id));
  if (!ticket) return void res.sendStatus(404);
  ticket.open = false;
  res.json(ticket);
});

api.listen(endpoints.api.port, () => console.log('api on', endpoints.api.port));
admin.listen(endpoints.admin.port, endpoints.admin.host!, () => console.log('admin on', endpoints.admin.port));
startMetrics();
