import { once } from 'node:events'
import type { Held } from './library.ts'

/** What a routine that runs under the lock is given. */
interface Tenure {
  readonly signal: AbortSignal
  stillHeld(): boolean
}

/**
 * A lock in hand from a library whose manual gives locks to routines: the routine lasts until the release.
 *
 * `using` runs `routine` under the lock.
 */
export async function hold(using: (routine: (tenure: Tenure) => Promise<void>) => Promise<void>): Promise<Held> {
  const taken = Promise.withResolvers<Tenure>()
  const finished = Promise.withResolvers<void>()
  const run = using((tenure) => {
    taken.resolve(tenure)
    return finished.promise
  })
  run.catch(taken.reject)
  const tenure = await taken.promise
  return {
    stillHeld: () => tenure.stillHeld(),
    lost: aborted(tenure.signal),
    release() {
      finished.resolve()
      return run
    },
  }
}

/** Resolves when the signal aborts, or at once if it has. */
export async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
