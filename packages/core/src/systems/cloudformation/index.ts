import type { WritableSystem } from '../write.ts'

export const cloudformation: WritableSystem = {
  name: 'cloudformation',
  title: 'security groups, buckets and alarms of AWS, as a template',
  load: async () => (await import('./write.ts')).writer,
}
