import { startOwnMysql, type Unavailable } from '@lockstep/testing/servers/mysql'
import { findBinaries } from '@lockstep/testing/servers/mysql/binaries'
import { startOwnRedis } from '@lockstep/testing/servers/redis'
import { findBinary } from '@lockstep/testing/servers/redis/binary'

/** A server of the test's own, that loses nothing it has acknowledged. */
export interface TestServer extends AsyncDisposable {
  readonly url: string
  /** As a crash would. */
  kill(): Promise<void>
  /** Resolves when it answers again. */
  restart(): Promise<void>
}

const redis = await findBinary()
const mysql = await findBinaries()

/** Nothing where there is a server, else why tests are skipped, for their titles. */
export const withoutRedis: string = typeof redis === 'string' ? '' : `: ${redis.unavailable}`
export const withoutMysql: string = 'unavailable' in mysql ? `: ${mysql.unavailable}` : ''

export async function startDurableRedis(): Promise<TestServer> {
  return present(await startOwnRedis(['--appendonly', 'yes', '--appendfsync', 'always']))
}

export async function startDurableMysql(): Promise<TestServer> {
  const server = present(await startOwnMysql())
  return {
    url: server.uri,
    kill: () => server.kill(),
    restart: () => server.restart(),
    [Symbol.asyncDispose]: () => server.stop(),
  }
}

function present<S extends object>(server: S | Unavailable): S {
  if ('unavailable' in server) throw new Error(server.unavailable)
  return server
}
