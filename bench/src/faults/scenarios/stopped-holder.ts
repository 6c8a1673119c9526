import { setTimeout as sleep } from 'node:timers/promises'
import type { Ending, Seller } from '../holder.ts'
import type { HolderProcess, Outcome, Scenario } from './scenario.ts'

const ttl = 1000

/** A virtual machine that is moved, a long garbage collection, a laptop that sleeps. */
export const stoppedBlind: Scenario = {
  title: ['stopped,', 'blind'],
  meaning: [
    'The holder is stopped between read and write (SIGSTOP, 1.6 times the ttl of 1 s). Another takes the lock and sells.',
    'The holder goes on and writes without asking. Pass: its write is refused. Fail: it lands, and one sale is lost.',
  ],
  processes: 2,
  run: (_, holder: HolderProcess, other: HolderProcess) => stopped('blind', holder, other),
}

export const stoppedCareful: Scenario = {
  title: ['stopped,', 'asks'],
  meaning: [
    'The same, but right before it writes the holder asks the library whether it still has the lock. The stop came amid its work,',
    'as a garbage collection does, so no timer has run since. Pass: it is told no and does not write, or its write is refused.',
  ],
  processes: 2,
  run: (_, holder: HolderProcess, other: HolderProcess) => stopped('careful', holder, other),
}

async function stopped(seller: Seller, holder: HolderProcess, other: HolderProcess): Promise<Outcome> {
  await holder.ask('begin', ttl)
  const finished = holder.ask('finishOnceStopped', seller)
  await holder.message('busy')
  await holder.stop()
  await Promise.all([other.ask('sell', ttl), sleep(1.6 * ttl)])
  holder.resume()
  return staleWrite(await finished)
}

/** A write by who is not the last holder any more. */
export function staleWrite(ending: Ending): Outcome {
  return { pass: ending !== 'wrote', fact: ending === 'wrote' ? 'two wrote' : ending }
}
