var express = require('express');
var router = express.Router();

var members = [
  { id: 1, name: 'Ada' },
  { id: 2, name: 'Grace' },
];

router.get('/', function (req, res) {
  res.json({ title: 'Clubhouse', members: members.length });
});

router.get('/members', function (req, res) {
  res.json(members);
});

module.exports = router;
