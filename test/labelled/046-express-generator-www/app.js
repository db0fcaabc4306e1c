var express = require('express');

var app = express();
app.use(express.urlencoded({ extended: false }));

app.get('/', function (req, res) {
  res.send('<form method="post"><input name="answer"></form>');
});

module.exports = app;
