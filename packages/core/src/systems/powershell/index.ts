import type { System } from '../system.ts'

/** PowerShell scripts: what they start, publish, and let through the firewall. */
export const powershell: System = {
  name: 'powershell',
  title: 'PowerShell script',
  reads: [{ path: /\.ps1$/i }],
  load: async () => (await import('./read.ts')).powershellReader,
  edits: { changes: ['rename', 'value'], load: async () => (await import('./edit.ts')).powershellEditor },
}
