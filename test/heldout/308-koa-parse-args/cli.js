#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { preview } from './lib/preview.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    host: { type: 'string', short: 'H', default: '127.0.0.1' },
    port: { type: 'string', short: 'p', default: '4747' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (values.help) {
  console.log(`usage: mdpreview [dir] [options]

  -H, --host   address to listen on, use 0.0.0.0 to show it to others
  -p, --port   port (4747)`);
  process.exit(0);
}

const url = await preview(positionals[0] ?? '.', values.host, Number(values.port));
console.log(`Preview at ${url}`);
