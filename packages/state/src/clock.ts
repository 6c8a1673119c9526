/** Both clocks tick at the same rate; only their origins differ. performance.now() is the cheaper one to read. */
const origin = measureOrigin()

/**
 * Milliseconds on the machine's monotonic clock, which all processes of the machine share and which no change of the wall clock moves. Leases and deadlines
 * are kept on it.
 */
export function monotonic(): number {
  return origin + performance.now()
}

/** Two clocks cannot be read at once: that reading counts which took the shortest time. */
function measureOrigin(): number {
  let shortest = Number.POSITIVE_INFINITY
  let best = 0
  for (let reading = 0; reading < 10; reading += 1) {
    const before = Number(process.hrtime.bigint())
    const now = performance.now()
    const after = Number(process.hrtime.bigint())
    if (after - before >= shortest) continue
    shortest = after - before
    best = (before + after) / 2e6 - now
  }
  return best
}
