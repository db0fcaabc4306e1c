var express = require('express');
var indexRouter = require('./routes/index');

var app = express();

app.use(express.json());
app.use(express.urlencoded({ extended: false }));
app.use('/', indexRouter);

app.use(function (req, res) {
  res.status(404).json({ message: 'Not Found' });
});

module.exports = app;
