import { constants } from 'node:os'

/**
 * The terminal signals Ctrl-C to the whole process group, and npm passes on to its script what the script already had:
 * one key press comes twice. A second signal so soon, in milliseconds, is an echo and not a wish.
 * https://github.com/npm/cli/issues/5021, https://github.com/pnpm/pnpm/issues/7374
 */
const echo = 200

/**
 * On SIGTERM and SIGINT: `stop`, then exit code 0. On a second one: `kill`, then the exit code of the signal, at once.
 * Returns a function that takes the handlers away.
 */
export function handleSignals(stop: () => Promise<void>, kill: () => void): () => void {
  let first: number | undefined
  const onSignal = (signal: 'SIGTERM' | 'SIGINT'): void => {
    if (first === undefined) {
      first = performance.now()
      // A failure to stop is an unhandled rejection: Node reports it and ends with exit code 1.
      void stop().then(() => process.exit(0))
    } else if (performance.now() - first > echo) {
      kill()
      process.exit(128 + constants.signals[signal])
    }
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return () => {
    process.off('SIGTERM', onSignal)
    process.off('SIGINT', onSignal)
  }
}
