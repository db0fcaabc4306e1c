'use strict';

const { Router } = require('express');
const config = require('../config');

const router = Router();
const cache = new Map();

router.get('/:code', async (req, res, next) => {
  const { code } = req.params;
  if (cache.has(code)) return res.json(cache.get(code));
  try {
    const response = await fetch(`${config.carrierApi.baseUrl}/track/${code}`, {
      signal: AbortSignal.timeout(config.carrierApi.timeout),
    });
    if (!response.ok) return res.status(502).json({ error: 'carrier unavailable' });
    const body = await response.json();
    cache.set(code, body);
    res.json(body);
  } catch (err) {
    next(err);
  }
});

module.exports = router;
