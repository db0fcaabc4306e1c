import type { WritableSystem } from '../write.ts'

export const fail2ban: WritableSystem = {
  name: 'fail2ban',
  title: 'fail2ban: jails for SSH, SIP and what the guard refuses',
  load: async () => (await import('./write.ts')).writer,
}
