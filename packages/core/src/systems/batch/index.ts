import type { System } from '../system.ts'
import { BATCH_SCRIPT } from './evident.ts'

/** Batch files of Windows: what they start, publish, and let through the firewall. */
export const batch: System = {
  name: 'batch',
  title: 'batch file',
  reads: [{ path: BATCH_SCRIPT }],
  load: async () => (await import('./read.ts')).batchReader,
}
