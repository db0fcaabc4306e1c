import express from 'express';

export function createApp(limits: Record<string, number> = { free: 100, pro: 10_000 }) {
  const app = express();
  app.use(express.json());

  app.get('/quota/:plan', (req, res) => {
    const limit = limits[req.params.plan];
    if (limit === undefined) {
      res.status(404).json({ error: 'unknown plan' });
      return;
    }
    res.json({ plan: req.params.plan, limit });
  });

  return app;
}
