import type { MysqlOptions } from '@lockstep/state-mysql'
import { type Ground, wayTo } from '@lockstep/testing/faults/ground'
import type { ServerKind } from '@lockstep/testing/faults/plan/servers'
import type { AdapterChoice } from '@lockstep/testing/members/adapter'
import { type OwnMysqlServer, startOwnMysql } from '@lockstep/testing/servers/mysql'

/** For members on the MySQL adapter. */
function mysqlWith(options: MysqlOptions): AdapterChoice {
  return { module: new URL('../../src/index.ts', import.meta.url).href, name: 'mysql', options }
}

/** What is the same in every line of the report about this server. */
export function subjectOf({ version }: { readonly version: string }): Pick<Ground, 'adapter' | 'store'> {
  return { adapter: 'mysql', store: version }
}

/** One server, and members with these options, which are this user. */
export function groundOf(server: OwnMysqlServer, options: MysqlOptions = {}, user: string = server.user): Ground {
  const uri = (port: number): string => `mysql://${user}@${server.host}:${port}/${server.database}`
  return {
    ...subjectOf(server),
    direct: mysqlWith({ ...options, uri: uri(server.port) }),
    way: () => wayTo(server.port, ({ port }) => mysqlWith({ ...options, uri: uri(port) })),
    pause: () => server.pause(),
    resume: () => server.resume(),
  }
}

export const mysqlKind: ServerKind<OwnMysqlServer> = { start: startOwnMysql, groundOf }
