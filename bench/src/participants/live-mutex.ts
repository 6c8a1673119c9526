import { temporaryFolder } from '@lockstep/testing/tmp'
import { Broker, Client } from 'live-mutex'
import type { Participant } from './participant.ts'

const socketPath = 'BENCH_LIVE_MUTEX'

/** The broker in the primary, on a Unix socket. */
export const liveMutex: Participant = {
  async serve() {
    const folder = await temporaryFolder()
    const udsPath = `${folder.path}/broker.sock`
    const broker = new Broker({ udsPath })
    await broker.ensure()
    return {
      env: { [socketPath]: udsPath },
      async close() {
        await new Promise((resolve) => broker.close(resolve))
        await folder[Symbol.asyncDispose]()
      },
    }
  },
  async open() {
    const client = new Client({ udsPath: process.env[socketPath] ?? '' })
    await client.ensure()
    return {
      async lock(name, work) {
        const { id } = await client.acquire(name)
        await work()
        await client.release(name, { id })
      },
    }
  },
}
