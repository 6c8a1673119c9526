import { createRequire } from 'node:module'
import type { Redis } from 'ioredis'
import { connect, ttl } from './ioredis.ts'
import type { Participant } from './participant.ts'

/** What is used of it here: its types are not where Node's resolution looks for them. */
interface Redlock {
  using(resources: string[], duration: number, routine: () => Promise<void>): Promise<void>
}

const require = createRequire(import.meta.url)
const { default: Redlock } = require('redlock-5') as {
  readonly default: new (clients: readonly Redis[]) => Redlock
}

/** `using` extends the lock: https://github.com/mike-marcacci/node-redlock/tree/v5.0.0-beta.2#usage */
export const redlock5: Participant = {
  async open() {
    const redlock = new Redlock([await connect()])
    return { lock: (name, work) => redlock.using([name], ttl, () => work()) }
  },
}
