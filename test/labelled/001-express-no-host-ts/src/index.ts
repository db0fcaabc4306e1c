import express from 'express';
import { router } from './routes.js';

const PORT = 7001;

const app = express();
app.use(express.json({ limit: '2mb' }));
app.use('/v1', router);

app.get('/health', (_req, res) => {
  res.json({ status: 'ok', engine: 'summariser' });
});

app.listen(PORT, () => {
  console.log(`Server running on http://localhost:${PORT}`);
});
