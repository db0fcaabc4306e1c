import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { templates } from './templates.js';

const [name, kind = 'express'] = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));

if (!name || process.argv.includes('--help')) {
  console.log(`usage: create-small-api <name> [${Object.keys(templates).join('|')}]`);
  process.exit(0);
}

const files = templates[kind];
if (!files) {
  console.error(`no template ${kind}`);
  process.exit(1);
}

await mkdir(join(name, 'src'), { recursive: true });
for (const [file, content] of Object.entries(files)) {
  await writeFile(join(name, file), content.replaceAll('{{name}}', name));
}
console.log(`\n  cd ${name}\n  npm install\n  npm start   # http://localhost:3000\n`);
