/** What this process has used so far, in microseconds, all its threads together. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
