module.exports = function app(req, res) {
  res.setHeader('Content-Type', 'text/html');
  res.end('<h1>Intranet</h1>');
};
