import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Asks again and again until `find` has something to return. What it throws on the way is the cause of the error when
 * there is still nothing after `patience` milliseconds, by default far more than a busy machine needs.
 */
export async function until<T>(
  what: string,
  find: () => Promise<T | false | undefined>,
  patience = 10_000,
): Promise<T> {
  const deadline = performance.now() + patience
  for (;;) {
    let cause: unknown
    try {
      const found = await find()
      if (found !== undefined && found !== false) return found
    } catch (error) {
      cause = error
    }
    if (performance.now() > deadline) throw new Error(`Waited ${patience} ms for ${what}.`, { cause })
    // A server does not tell when it will be as we want it.
    await sleep(20)
  }
}
