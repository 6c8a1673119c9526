import { Verrou } from '@verrou/core'
import { knexStore } from '@verrou/core/drivers/knex'
import knex from 'knex'
import { ttl } from './ioredis.ts'
import { connectionLimit, uri } from './mysql2.ts'
import type { Participant } from './participant.ts'

/** On knex, with its mysql2 client: https://verrou.dev/docs/drivers */
export const verrouOnMysql: Participant = {
  async open() {
    const connection = knex({ client: 'mysql2', connection: uri(), pool: { min: 0, max: connectionLimit } })
    const locks = new Verrou({ default: 'knex', stores: { knex: { driver: knexStore({ connection }) } } })
    return { lock: (name, work) => locks.createLock(name, ttl).run(work) }
  },
}
