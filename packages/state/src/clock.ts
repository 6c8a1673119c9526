// Both clocks tick at the same rate; only their origins differ. performance.now() is the cheaper one to read.
const origin = Number(process.hrtime.bigint()) / 1e6 - performance.now()

/**
 * Milliseconds on the machine's monotonic clock, which all processes of the machine share and which no change of the wall clock moves. Leases and deadlines
 * are kept on it.
 */
export function monotonic(): number {
  return origin + performance.now()
}
