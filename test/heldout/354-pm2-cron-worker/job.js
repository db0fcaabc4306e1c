import { writeFile } from 'node:fs/promises';
import https from 'node:https';

const { RATES_HOST, RATES_PORT } = process.env;

// was a server once:
// app.listen(3000, process.env.HOST)

const request = https.get({ host: RATES_HOST, port: Number(RATES_PORT), path: '/daily.json' }, async (response) => {
  let body = '';
  for await (const chunk of response) body += chunk;
  await writeFile('rates.json', body);
  console.log(`${Object.keys(JSON.parse(body)).length} rates`);
});

request.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
