import { setTimeout as sleep } from 'node:timers/promises'
import type { Client } from '../participants/participant.ts'

/** Many want the same lock, and hold it for a millisecond and a bit. Times are those of `now()`. */
export interface Contest {
  /** Of this process. */
  readonly contenders: number
  /** When all set out. */
  readonly begin: number
  /** Until when each comes back for more; without it each wants the lock once. */
  readonly end?: number
}

export interface Hold {
  readonly contender: number
  readonly begin: number
  readonly end: number
  readonly token?: number
}

export interface Outcome {
  readonly holds: readonly Hold[]
  /** How long each waited for the lock each time, in microseconds; also the last time, which is no hold when the end came first. */
  readonly waits: readonly number[]
  /** When the first set out, and when the last had given the lock back. */
  readonly began: number
  readonly ended: number
  /** How often a contender was refused the lock. */
  readonly gaveUp: number
}

/** Microseconds on the monotonic clock that all processes of a machine share. */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1000
}

/** All contenders of this process. Whose turn comes after `end` gives the lock back at once, and that does not count. */
export async function contend(
  lock: NonNullable<Client['lock']>,
  { contenders, begin, end = 0 }: Contest,
): Promise<Outcome> {
  const holds: Hold[] = []
  const waits: number[] = []
  let gaveUp = 0
  const hold = async (contender: number, asked: number, token?: number): Promise<void> => {
    const taken = now()
    waits.push(taken - asked)
    if (end > 0 && taken > end) return
    await sleep(1)
    holds.push({ contender, begin: taken, end: now(), ...(token === undefined ? {} : { token }) })
  }
  const contender = async (_: unknown, index: number): Promise<void> => {
    do {
      const asked = now()
      await lock('contended', (token) => hold(index, asked, token)).catch(() => (gaveUp += 1))
    } while (now() < end)
  }
  await sleep(Math.max(0, begin - now()) / 1000)
  const began = now()
  await Promise.all(Array.from({ length: contenders }, contender))
  return { holds, waits, began, ended: now(), gaveUp }
}
