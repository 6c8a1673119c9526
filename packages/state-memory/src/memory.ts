import { connectLink, isHosting, linkFromEnv, openLocal, type EngineClient } from '@lockstep/link'
import type { Adapter, Capabilities, ConnectContext, Connection } from '@lockstep/state'
import { counterStore } from './counters.ts'
import { entryStore } from './entries.ts'
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
  const { connectTimeout } = checkOptions(options)
  return {
    name: 'memory',
    connect: async ({ turn, signal }: ConnectContext): Promise<Connection> => {
      if (isHosting())
        return connection(await openLocal(), true, 'Acknowledged writes end with this process, the primary.', [])
      const link = linkFromEnv()
      if (link === undefined) {
        const warnings = aloneOrRefuse()
        return connection(await openLocal(), true, 'Acknowledged writes end with this process.', warnings)
      }
      const client = await connectLink({ ...link, turn, signal, connectTimeout })
      return connection(
        client,
        false,
        'Acknowledged writes survive the death of any worker; they end with the primary.',
        [],
      )
    },
  }
}

function connection(client: EngineClient, local: boolean, durability: string, warnings: readonly string[]): Connection {
  return {
    capabilities,
    locks: lockStore(client),
    counters: counterStore(client, local),
    entries: entryStore(client, local),
    health: async ({ deadline }) => {
      await client.ping(deadline)
      return { durability, warnings }
    },
    close: () => client.close(),
  }
}
