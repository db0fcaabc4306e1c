const http = require('http');

const { HOST = '127.0.0.1', PORT = '8080', API } = process.env;

const server = http.createServer(async (req, res) => {
  try {
    const dishes = await (await fetch(`${API}/dishes`)).json();
    res.setHeader('content-type', 'text/html; charset=utf-8');
    res.end(`<meta http-equiv="refresh" content="60"><ul>${dishes.map((d) => `<li>${d}</li>`).join('')}</ul>`);
  } catch {
    res.statusCode = 503;
    res.end('the kitchen is closed');
  }
});

server.listen(Number(PORT), HOST);
