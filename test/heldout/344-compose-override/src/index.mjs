import express from 'express';
import mysql from 'mysql2/promise';

const pool = mysql.createPool({
  host: process.env.DB_HOST,
  database: 'fleet',
  user: process.env.DB_USER ?? 'root',
});

const app = express();

app.get('/vehicles', async (_req, res) => {
  const [rows] = await pool.query('SELECT plate, km FROM vehicles');
  res.json(rows);
});

app.listen(Number(process.env.PORT));
