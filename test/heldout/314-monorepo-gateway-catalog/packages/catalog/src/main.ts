import express from 'express';
import { addresses } from '../../shared/src/addresses.js';

const { host, port } = addresses.catalog;
const app = express();

app.get('/products', (_req, res) => {
  res.json([
    { sku: 'rope-10', price: 1290 },
    { sku: 'cleat-s', price: 450 },
  ]);
});

app.listen(port, host, () => {
  console.log(`catalog on ${host}:${port}`);
});
