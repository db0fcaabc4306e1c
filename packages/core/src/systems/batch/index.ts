import type { System } from '../system.ts'

/** Batch files of Windows: what they start, publish, and let through the firewall. */
export const batch: System = {
  name: 'batch',
  title: 'batch file',
  reads: [{ path: /\.(?:bat|cmd)$/i }],
  load: async () => (await import('./read.ts')).batchReader,
}
