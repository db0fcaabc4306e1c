const fs = require('fs');
const http = require('http');
const https = require('https');
const path = require('path');
const express = require('express');

const HTTP_PORT = process.env.HTTP_PORT || 8080;
const HTTPS_PORT = process.env.HTTPS_PORT || 8443;
const CERT_DIR = process.env.CERT_DIR || '/etc/letsencrypt/live/festival.example.com';

const app = express();
app.use(express.static(path.join(__dirname, 'public'), { maxAge: '1h' }));

const credentials = {
  key: fs.readFileSync(path.join(CERT_DIR, 'privkey.pem')),
  cert: fs.readFileSync(path.join(CERT_DIR, 'fullchain.pem')),
};

https.createServer(credentials, app).listen(HTTPS_PORT, () => {
  console.log('https on ' + HTTPS_PORT);
});

http
  .createServer((req, res) => {
    const host = (req.headers.host || '').split(':')[0];
    res.writeHead(301, { Location: `https://${host}${req.url}` });
    res.end();
  })
  .listen(HTTP_PORT);
