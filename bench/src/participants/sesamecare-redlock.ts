import { Redlock } from '@sesamecare-oss/redlock'
import { connect, ttl } from './ioredis.ts'
import type { Participant } from './participant.ts'

/** `using` extends the lock: https://github.com/sesamecare/redlock#usage */
export const sesamecareRedlock: Participant = {
  async open() {
    const redlock = new Redlock([await connect()])
    return { lock: (name, work) => redlock.using([name], ttl, () => work()) }
  },
}
