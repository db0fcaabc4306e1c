const express = require('express');
const { Pool } = require('pg');

const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const app = express();

app.get('/orders', async (req, res, next) => {
  try {
    const { rows } = await pool.query('select id, customer, total from orders order by id desc limit 50');
    res.json(rows);
  } catch (err) {
    next(err);
  }
});

const port = process.env.PORT || 3000;
app.listen(port, () => console.log(`orders listening on ${port}`));
