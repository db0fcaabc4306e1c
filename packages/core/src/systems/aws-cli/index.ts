import type { WritableSystem } from '../write.ts'

export const awsCli: WritableSystem = {
  name: 'aws-cli',
  title: 'security groups, buckets and alarms of AWS, as commands',
  load: async () => (await import('./write.ts')).writer,
}
