import express from 'express';
import { HOST, PORT, limits } from './config.js';

const app = express();
app.use(express.json({ limit: limits.bodySize }));

app.post('/webhooks/:provider', (req, res) => {
  console.log('webhook', req.params.provider, Object.keys(req.body ?? {}));
  res.status(202).end();
});

const server = app.listen(PORT, HOST, () => {
  console.log(`Server running on http://${HOST}:${PORT}`);
});

process.on('SIGTERM', () => server.close());
