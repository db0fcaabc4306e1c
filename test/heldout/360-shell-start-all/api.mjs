import http from 'node:http';

const host = process.env.HOST || '127.0.0.1';
const port = +(process.env.PORT || 4000);

let score = { home: 0, away: 0 };

http
  .createServer((req, res) => {
    const [, team] = req.url.split('/');
    if (req.method === 'POST' && team in score) score = { ...score, [team]: score[team] + 1 };
    res.setHeader('access-control-allow-origin', '*');
    res.end(JSON.stringify(score));
  })
  .listen(port, host);
