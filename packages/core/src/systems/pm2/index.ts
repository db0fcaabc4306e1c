import type { System } from '../system.ts'

/** PM2's ecosystem files, followed statically. */
export const pm2: System = {
  name: 'pm2',
  title: 'PM2 ecosystem file',
  reads: [
    {
      path: /(?:^|\/)(?:[\w.-]*[.-])?(?:ecosystem|pm2|process(?:es)?)(?:[.-][\w.-]*)?\.(?:config\.[cm]?js|json5?|ya?ml)$/,
      contains: /\bapps\b|\bscript\b/,
    },
    // Any `NAME.config.js` that PM2 is given may be one.
    { path: /\.config\.[cm]?js$/, contains: /\bapps\b[^]{0,500}\bscript\b/ },
  ],
  writtenByScripts: true,
  load: async () => (await import('./read.ts')).pm2Reader,
  edits: { changes: ['variable', 'argument'], load: async () => (await import('./edit.ts')).pm2Editor },
}
