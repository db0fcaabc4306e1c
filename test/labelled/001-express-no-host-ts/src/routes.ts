import { Router } from 'express';

export const router = Router();

router.post('/summaries', (req, res) => {
  const text: string = req.body?.text ?? '';
  res.json({ summary: text.split('. ').slice(0, 2).join('. ') });
});
