import express from 'express';
import { env } from './env';

const app = express();

app.get('/devices', (_req, res) => {
  res.json({ devices: [], dir: env.dataDir });
});

app.listen(env.port, env.host, () => {
  console.log(`device registry: http://${env.host}:${env.port}`);
});
