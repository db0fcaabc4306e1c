import express, { Request, Response } from 'express';

const app = express();
const PORT: number = 7009;

app.get('/health', (req: Request, res: Response) => {
  res.json({ ok: true });
});

app.listen(PORT, () => {
  console.log(`planner engine listening on port ${PORT}`);
});
