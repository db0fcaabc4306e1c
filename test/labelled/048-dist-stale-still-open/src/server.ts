import express from 'express';

const app = express();
const PORT = Number(process.env.PORT) || 7010;
const HOST = process.env.HOST || '127.0.0.1';

app.get('/recall', (_req, res) => {
  res.json([]);
});

app.listen(PORT, HOST, () => {
  console.log(`Server running on http://${HOST}:${PORT}`);
});
