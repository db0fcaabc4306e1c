const express = require('express');

// Never put 0.0.0.0 here: nginx on the same machine is the only client.
// app.listen(3010, '0.0.0.0') was how the notes leaked in 2022.
const HOST = '127.0.0.1';
const PORT = 3010;

const app = express();

const notes = new Map();

app.get('/notes/:id', (req, res) => {
  const note = notes.get(req.params.id);
  if (!note) return res.status(404).json({ error: 'not found' });
  res.json(note);
});

app.put('/notes/:id', express.json(), (req, res) => {
  notes.set(req.params.id, req.body);
  res.sendStatus(204);
});

app.listen(PORT, HOST, () => {
  console.log(`notes api on http://${HOST}:${PORT} (not on 0.0.0.0)`);
});
