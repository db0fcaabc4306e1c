import express from 'express';
import { seats } from './seats.js';

const isProduction = process.env.NODE_ENV === 'production';
const HOST = isProduction ? '0.0.0.0' : '127.0.0.1';
const PORT = Number(process.env.PORT) || 3900;

const app = express();

if (!isProduction) {
  app.use((req, _res, next) => {
    console.log(req.method, req.url);
    next();
  });
}

app.get('/seats', (_req, res) => {
  res.json(seats);
});

app.listen(PORT, HOST, () => console.log(`seat-map on ${HOST}:${PORT}`));
