'use strict';

const http = require('http');
const { book, balance } = require('./lib/ledger');

const host = process.env.HOST || '::';
const port = Number(process.env.PORT) || 5800;

const server = http.createServer((req, res) => {
  const url = new URL(req.url, 'http://ledger');
  const account = url.pathname.slice(1);
  res.setHeader('Content-Type', 'application/json');
  if (req.method === 'POST') {
    book(account, Number(url.searchParams.get('amount')));
    res.statusCode = 201;
  }
  res.end(JSON.stringify({ account, balance: balance(account) }));
});

server.listen({ host, port }, () => {
  console.log('ledger ready', server.address());
});
