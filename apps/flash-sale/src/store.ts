import type { ClusterStateOptions } from '@lockstep/fastify'
import type { MysqlAdapter } from '@lockstep/state-mysql'
import type { RedisOptions } from '@lockstep/state-redis'
import type { Options } from './options.ts'

export interface Store {
  /** For the plugin. */
  readonly options: ClusterStateOptions
  /** Present where the store is a database, which has the shop's own tables too. */
  readonly database?: MysqlAdapter
}

export async function storeOf({ adapter, serverUrl }: Options): Promise<Store> {
  switch (adapter) {
    case 'redis': {
      const options: RedisOptions = { url: serverUrl }
      return { options: { adapter, options } }
    }
    case 'mysql': {
      // Loaded only here: the others need no driver.
      const { mysql } = await import('@lockstep/state-mysql')
      const database = mysql({ uri: serverUrl })
      return { options: { adapter: database }, database }
    }
    default:
      return { options: { adapter } }
  }
}
