import type { EngineClient } from '@lockstep/link'
import type { LockStore } from '@lockstep/state'

export function lockStore(client: EngineClient): LockStore {
  return {
    acquire: (request, { deadline }) => client.send({ op: 'acquire', ...request }, deadline),
    cancel: async (request, { deadline }) => {
      await client.send({ op: 'cancel', ...request }, deadline)
    },
    extend: (leases, { deadline }) => client.send({ op: 'extend', leases }, deadline),
    release: (request, { deadline }) => client.send({ op: 'release', ...request }, deadline),
    inspect: (name, { deadline }) => client.send({ op: 'inspect', name }, deadline),
    listen: (listener) => client.listen(listener),
  }
}
