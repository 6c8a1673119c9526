import { setTimeout as sleep } from 'node:timers/promises'
import { type HolderProcess, milliseconds, type Scenario } from './scenario.ts'

const ttl = 1000

/** https://github.com/mike-marcacci/node-redlock/issues/296 */
export const longWait: Scenario = {
  title: ['waited', '> ttl'],
  meaning: [
    'A process waits 1.6 s for a lock that it wants for 1 s, and gets it.',
    'Pass: for most of that second (800 ms) the library does not say that the lock is lost.',
  ],
  processes: 2,
  async run(_, holder: HolderProcess, other: HolderProcess) {
    await other.ask('take', 5 * ttl)
    const taken = holder.ask('take', ttl)
    await sleep(1.6 * ttl)
    await other.ask('release')
    await taken
    const lostAfter = await holder.ask('lostAfter', 0.8 * ttl)
    if (lostAfter === null) return { pass: true, fact: 'valid' }
    return { pass: false, fact: `lost in ${milliseconds(lostAfter)}`, amount: lostAfter }
  },
}
