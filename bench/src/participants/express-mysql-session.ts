import makeStore from 'express-mysql-session'
import session from 'express-session'
import { connectionLimit, uri } from './mysql2.ts'
import type { Participant } from './participant.ts'
import { sessionAt } from './session.ts'

/** Its own pool, on the mysql2 that it brings: https://github.com/chill117/express-mysql-session#how-to-use */
export const expressMysqlSession: Participant = {
  async open() {
    const { hostname, port, username, password, pathname } = new URL(uri())
    const Store = makeStore(session)
    const store = new Store({
      host: hostname,
      port: Number(port),
      user: username,
      password,
      database: pathname.slice(1),
      connectionLimit,
    })
    await store.onReady()
    let views = 0
    return {
      setSession: (id) => store.set(id, sessionAt((views += 1))),
      getSession: (id) => store.get(id),
      touchSession: (id) => store.touch(id, sessionAt((views += 1))),
    }
  },
}
