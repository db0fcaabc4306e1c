import type { WritableSystem } from '../write.ts'

export const terraform: WritableSystem = {
  name: 'terraform',
  title: 'security groups, buckets and alarms of AWS, for Terraform',
  load: async () => (await import('./write.ts')).writer,
}
