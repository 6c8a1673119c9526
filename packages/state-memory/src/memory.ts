import { connectLink, isHosting, linkFromEnv, openLocal, type EngineClient } from '@lockstep/link'
import type { Adapter, Capabilities, ConnectContext, Connection } from '@lockstep/state'
import { counterStore } from './counters.ts'
import { entryStore } from './entries.ts'
import { checkKept, choiceOf } from './keeping.ts'
import { lockStore } from './locks.ts'
import { checkOptions, type MemoryOptions } from './options.ts'
import { aloneOrRefuse } from './surroundings.ts'

const capabilities: Capabilities = {
  locks: { fair: 'strict', wake: 'push' },
  counters: { addAll: 'any', safeRetry: 'always', fence: true },
  entries: { safeRetry: 'always', fence: true },
  queues: false,
  transactions: false,
}

/**
 * State in the memory of one process: of the cluster primary, which workers reach over a private socket and the primary itself directly, where it runs the host
 * (`createCluster()` and `startHost()` start it); of this process when it is alone. A cluster worker whose primary runs no host is refused: state of its own would be wrong silently.
 */
export function memory(options?: MemoryOptions): Adapter {
  const { connectTimeout, ...keeping } = checkOptions(options)
  return {
    name: 'memory',
    connect: async ({ turn, signal }: ConnectContext): Promise<Connection> => {
      const local = (durability: string, warnings: readonly string[]): Promise<Connection> =>
        openLocal(choiceOf(keeping)).then((client) => connection(client, true, durability, warnings))
      if (isHosting()) return local('Acknowledged writes end with this process, the primary.', [])
      const link = linkFromEnv()
      if (link === undefined) return local('Acknowledged writes end with this process.', aloneOrRefuse())
      checkKept(keeping)
      const client = await connectLink({ ...link, turn, signal, connectTimeout })
      const durability = 'Acknowledged writes survive the death of any worker; they end with the primary.'
      return connection(client, false, durability, [])
    },
  }
}

/** `durability`: where no journal says something better. */
function connection(client: EngineClient, local: boolean, durability: string, warnings: readonly string[]): Connection {
  return {
    capabilities,
    locks: lockStore(client),
    counters: counterStore(client, local),
    entries: entryStore(client, local),
    health: async ({ deadline }) => {
      const log = await client.ping(deadline)
      return log === undefined
        ? { durability, warnings }
        : { durability: log.durability, warnings: [...warnings, ...log.warnings] }
    },
    close: () => client.close(),
  }
}
