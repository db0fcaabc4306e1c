/** Milliseconds of processor time that this process has used: unlike the clock's, another program's load adds nothing to a difference of two. */
export function effort(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
