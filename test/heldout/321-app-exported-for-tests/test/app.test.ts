import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Server } from 'node:http';
import { createApp } from '../src/app.js';

let server: Server;
let base: string;

before(async () => {
  server = createApp({ trial: 5 }).listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

after(() => server.close());

test('gives the limit of a plan', async () => {
  const response = await fetch(`${base}/quota/trial`);
  assert.deepEqual(await response.json(), { plan: 'trial', limit: 5 });
});

test('does not know other plans', async () => {
  const response = await fetch(`${base}/quota/gold`);
  assert.equal(response.status, 404);
});
