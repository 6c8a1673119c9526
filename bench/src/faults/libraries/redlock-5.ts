import { createRequire } from 'node:module'
import type { Redis } from 'ioredis'
import { connect } from './connect.ts'
import type { LockLibrary } from './library.ts'
import { hold } from './using.ts'

/** It leaves its types out of its `exports`. What is used of it. */
interface Redlock {
  using(
    resources: readonly string[],
    duration: number,
    settings: { retryCount: number },
    routine: (signal: AbortSignal) => Promise<void>,
  ): Promise<void>
}

interface Package {
  readonly default: new (clients: readonly Redis[]) => Redlock
}

const { default: Redlock } = createRequire(import.meta.url)('redlock-5') as Package

/** By `using`, which extends the lock and aborts a signal when that fails. */
export async function open(url: string): Promise<LockLibrary> {
  const redlock = new Redlock([await connect(url)])
  return {
    acquire: (name, ttl) =>
      hold((routine) =>
        redlock.using([name], ttl, { retryCount: 50 }, (signal) =>
          routine({ signal, stillHeld: () => !signal.aborted }),
        ),
      ),
  }
}
