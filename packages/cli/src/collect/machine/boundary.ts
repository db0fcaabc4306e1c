import { existsSync } from 'node:fs'
import { type BoundarySigns, readBoundary } from '@sallyport/core/systems'
import type { Observer } from './observer.ts'
import { readProc } from './proc.ts'

const DMI = '/sys/class/dmi/id'

export function collectBoundary(observer: Observer): void {
  const optional = <K extends string>(key: K, value: string | undefined): { readonly [key in K]?: string } =>
    (value === undefined || value.trim() === '' ? {} : { [key]: value.trim() }) as { readonly [key in K]?: string }
  const signs: BoundarySigns = {
    ...optional('vendor', readProc(`${DMI}/sys_vendor`)),
    ...optional('product', readProc(`${DMI}/product_name`)),
    ...optional('kernel', readProc('/proc/sys/kernel/osrelease')),
    dockerMark: existsSync('/.dockerenv'),
    podmanMark: existsSync('/run/.containerenv'),
    ...optional('containerVariable', /(?:^|\0)container=([^\0]*)/.exec(readProc('/proc/1/environ') ?? '')?.[1]),
    initialUserNamespace: /^\s*0\s+0\s+4294967295\s*$/m.test(readProc('/proc/self/uid_map') ?? ''),
  }
  observer.see(readBoundary(signs), { kind: 'kernel', path: DMI })
}
