import { setTimeout as sleep } from 'node:timers/promises'
import { toldInTime } from './half-open.ts'
import type { HolderProcess, Scenario } from './scenario.ts'

const ttl = 1500

export const serverAway: Scenario = {
  title: ['server away', '13 s'],
  meaning: [
    'During a hold (ttl 1.5 s) redis-server is killed, and comes back 13 s later (4 s with --quick; watched for 8 s more).',
    'Pass: the holder is told by the end of the ttl, and its process lives on: no unhandled rejection ends it.',
  ],
  processes: 1,
  async run({ server, quick }, holder: HolderProcess) {
    const away = quick ? 4000 : 13_000
    await holder.ask('take', ttl)
    await server.kill()
    // Clients look for it every few seconds only by then, and some learn of the loss from the server alone.
    const lostAfter = holder.ask('lostAfter', away + 8000)
    await Promise.all([sleep(away).then(() => server.restart()), lostAfter])
    // The last chance for a late rejection.
    await sleep(500)
    return toldInTime(await lostAfter, ttl)
  },
}
