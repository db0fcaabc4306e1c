require('dotenv').config();

const express = require('express');
const fs = require('fs/promises');

const app = express();
const { APP_HOST = '0.0.0.0', APP_PORT = 3000, INVOICE_DIR = './invoices' } = process.env;

app.get('/invoices', async (req, res) => {
  const files = await fs.readdir(INVOICE_DIR).catch(() => []);
  res.json(files.filter((name) => name.endsWith('.pdf')));
});

app.get('/invoices/:name', (req, res) => {
  res.sendFile(req.params.name, { root: INVOICE_DIR });
});

app.listen(APP_PORT, APP_HOST, () => {
  console.log(`invoice-portal running at http://${APP_HOST}:${APP_PORT}`);
});
