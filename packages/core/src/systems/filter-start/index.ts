import type { System } from '../system.ts'

/** What loads packet filter rules when a machine starts: units, boot scripts and the files that they load. Of a machine only. */
export const filterStart: System = {
  name: 'filter-start',
  title: 'packet filter at boot',
  reads: [],
  // A file that every Linux has (os-release(5)); what else is asked for, depends on what is there.
  machine: { paths: ['/etc/os-release'] },
  load: async () => (await import('./read.ts')).filterStartReader,
}
