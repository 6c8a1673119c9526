import { type HolderProcess, milliseconds, type Scenario } from './scenario.ts'

const ttl = 3000

export const lostReply: Scenario = {
  title: ['lost reply', 'to acquire'],
  meaning: [
    'The server grants the lock (ttl 3 s), but the connection breaks before the reply is back.',
    'Pass: the process that asked has the lock within 500 ms. Fail: a ghost, its own lost grant, keeps it out.',
  ],
  processes: 1,
  async run({ proxy }, holder: HolderProcess) {
    // The server knows the scripts now, so that the next reply is the one to the acquire.
    await holder.ask('take', ttl)
    await holder.ask('release')
    proxy.loseNextReply()
    const ms = await holder.ask('takeInTheEnd', ttl)
    const pass = ms < 500
    return { pass, fact: `${pass ? 'had it in' : 'ghost'} ${milliseconds(ms)}`, amount: ms }
  },
}
