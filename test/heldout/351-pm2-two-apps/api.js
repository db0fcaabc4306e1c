const express = require('express');

const app = express();
const dishes = [];

app.use(express.json());
app.get('/dishes', (req, res) => res.json(dishes));
app.put('/dishes', (req, res) => {
  dishes.splice(0, dishes.length, ...req.body);
  res.sendStatus(204);
});

app.listen(process.env.PORT || 3000, process.env.HOST || '0.0.0.0');
