import type { HolderProcess, Scenario } from './scenario.ts'
import { staleWrite } from './stopped-holder.ts'

const ttl = 5000

export const serverKilled: Scenario = {
  title: ['server killed,', 'empty again'],
  meaning: [
    'During a hold redis-server is killed (SIGKILL) and starts again, with nothing kept on disk. Another takes the lock and sells.',
    'Then the holder asks the library and writes. Pass: told no, or refused.',
  ],
  processes: 2,
  async run({ server }, holder: HolderProcess, other: HolderProcess) {
    await holder.ask('begin', ttl)
    await server.kill()
    await server.restart()
    await other.ask('sell', ttl)
    return staleWrite(await holder.ask('finish', 'careful'))
  },
}
