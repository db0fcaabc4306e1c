import type { Family } from '../../network/index.ts'

/** ufw(8), FILES; ufw-framework(8). */
export const CONF = '/etc/ufw/ufw.conf'
export const DEFAULTS = '/etc/default/ufw'
export const PROFILES = '/etc/ufw/applications.d/*'
export const INIT_FILES: readonly string[] = ['/etc/ufw/before.init', '/etc/ufw/after.init']

export type RulesName = 'before' | 'after' | 'user'

export function rulesPath(name: RulesName, family: Family): string {
  return `/etc/ufw/${name}${family === 6 ? '6' : ''}.rules`
}
