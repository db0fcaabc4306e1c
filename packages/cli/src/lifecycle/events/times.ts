const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `2026-01-31T08:00:00.123456+01:00`, also without a colon in the offset and with a blank for the T; without an offset it is local time. */
export function isoTime(text: string): number | undefined {
  const time = Date.parse(
    text
      .replace(' ', 'T')
      .replace(',', '.')
      .replace(/(\.\d{3})\d+/, '$1')
      .replace(/([+-]\d{2})(\d{2})$/, '$1:$2'),
  )
  return Number.isNaN(time) ? undefined : time
}

/** `Jan 31 08:00:00` of syslog(3), in local time and without a year: the last such moment that is not after tomorrow. */
export function syslogTime(text: string, now: number): number | undefined {
  const [, name = '', day, hour, minute, second] = /^([A-Z][a-z]{2}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2})$/.exec(text) ?? []
  const month = MONTHS.indexOf(name)
  if (month < 0) return undefined
  const year = new Date(now).getFullYear()
  const at = (of: number): number => new Date(of, month, Number(day), Number(hour), Number(minute), Number(second)).getTime()
  return at(year) > now + 86_400_000 ? at(year - 1) : at(year)
}

/** `31/Jan/2026:08:00:00 +0100`, nginx's $time_local. */
export function webTime(text: string): number | undefined {
  const [, day, name = '', year, clock, offset] = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{4})$/.exec(text) ?? []
  const month = MONTHS.indexOf(name)
  return month < 0 ? undefined : isoTime(`${year}-${String(month + 1).padStart(2, '0')}-${day}T${clock}${offset}`)
}
