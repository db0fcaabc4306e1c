'use strict';

const express = require('express');
const config = require('./config');
const parcels = require('./routes/parcels');

const app = express();

app.disable('x-powered-by');
app.use(express.json());
app.use('/parcels', parcels);
app.get('/healthz', (req, res) => res.send('ok'));

app.use((err, req, res, next) => {
  console.error(err);
  res.status(500).json({ error: 'internal error' });
});

const server = app.listen(config.port, () => {
  console.log('[%s] parcel-tracker on port %d', config.env, config.port);
});

process.on('SIGTERM', () => server.close(() => process.exit(0)));
