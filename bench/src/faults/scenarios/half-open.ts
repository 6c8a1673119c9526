import { type HolderProcess, milliseconds, type Outcome, type Scenario } from './scenario.ts'

const ttl = 1500

export const halfOpen: Scenario = {
  title: ['half-open', 'connection'],
  meaning: [
    'During a hold (ttl 1.5 s) the connection turns into a black hole: it stays open and nothing comes through.',
    'Pass: the holder is told by the end of the ttl (watched for 4.5 s). A library that has no signal is asked.',
  ],
  processes: 1,
  async run({ proxy }, holder: HolderProcess) {
    await holder.ask('take', ttl)
    proxy.halfOpen()
    return toldInTime(await holder.ask('lostAfter', 3 * ttl), ttl)
  },
}

/** `lostAfter`: see holder.ts. Clocks that count whole milliseconds may be off by one. */
export function toldInTime(lostAfter: number | null, limit: number): Outcome {
  if (lostAfter === null) return { pass: false, fact: 'never told', amount: Infinity }
  return { pass: Math.floor(lostAfter) <= limit, fact: `told ${milliseconds(lostAfter)}`, amount: lostAfter }
}
