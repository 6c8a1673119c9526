import { Redlock } from '@sesamecare-oss/redlock'
import { connect } from './connect.ts'
import type { LockLibrary } from './library.ts'
import { hold } from './using.ts'

/** By `using`, which extends the lock and aborts a signal when that fails; the lock in its context knows its end. */
export async function open(url: string): Promise<LockLibrary> {
  const redlock = new Redlock([await connect(url)])
  return {
    acquire: (name, ttl) =>
      hold((routine) =>
        redlock.using([name], ttl, { retryCount: 50 }, (signal, context) =>
          routine({ signal, stillHeld: () => !signal.aborted && context.lock.expiration > Date.now() }),
        ),
      ),
  }
}
