import { formatAddress } from '@sallyport/core/network'
import { show, showWords } from '@sallyport/core/evidence'
import { readProc } from '../collect/machine/proc.ts'
import type { Exposed } from './watch.ts'

/** `0.0.0.0:8000`, `[::]:8000`. */
export function placeText({ address, port }: Pick<Exposed, 'address' | 'port'>): string {
  const text = formatAddress(address)
  return address.family === 6 ? `[${text}]:${port}` : `${text}:${port}`
}

/** What the process is called, as the kernel has it, and the words that started it. To be asked before it ends. */
export function programOf(pid: number): { readonly name: string; readonly command: string } {
  const name = show((readProc(`/proc/${pid}/comm`) ?? '').trim() || 'a program')
  const words = (readProc(`/proc/${pid}/cmdline`) ?? '').split('\0').filter((word) => word !== '')
  return { name, command: show(showWords(words.slice(0, 40)).join(' '), 300) }
}

/** An incident in the words of the guard's security log (P12, P13). */
export function incidentEvent(
  found: Exposed,
  program: { readonly name: string; readonly command: string },
  more: { readonly service: string | undefined; readonly action: 'stopped' | 'reported' },
): Readonly<Record<string, unknown>> {
  return {
    time: new Date().toISOString(),
    code: 'listener-beyond-policy',
    address: formatAddress(found.address),
    port: found.port,
    protocol: found.protocol,
    program: program.name,
    pid: found.pid,
    command: program.command,
    ...(more.service === undefined ? {} : { service: more.service }),
    action: more.action,
    value: placeText(found),
  }
}
