import type { System } from '../system.ts'

/** POSIX shell and bash scripts: what they start, publish, and let through the firewall. */
export const shell: System = {
  name: 'shell',
  title: 'shell script',
  reads: [
    { path: /\.(?:sh|bash|zsh|ksh)$/ },
    // A script may have no ending: its first line says what it is.
    { path: /(?:^|\/)[\w-]+$/, contains: /^#!.{0,64}\b(?:ba|da|k|z)?sh\b/, script: true },
  ],
  load: async () => (await import('./read.ts')).shellReader,
}
