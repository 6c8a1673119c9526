import { Mutex } from 'redis-semaphore'
import { connect } from './ioredis.ts'
import type { Participant } from './participant.ts'

/** Its locks last 10 s and extend themselves: https://github.com/swarthy/redis-semaphore#mutex */
export const redisSemaphore: Participant = {
  async open() {
    const redis = await connect()
    return {
      async lock(name, work) {
        const mutex = new Mutex(redis, name)
        await mutex.acquire()
        await work()
        await mutex.release()
      },
    }
  },
}
