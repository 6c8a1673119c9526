import type { EngineClient } from '@lockstep/link'
import type { EntryStore } from '@lockstep/state'

/** `immediate`: the engine is in this process, so a change has no journey to share. */
export function entryStore(client: EngineClient, immediate: boolean): EntryStore {
  return {
    immediate,
    apply: ({ name, sequence, changes }, { deadline }) =>
      client.send({ op: 'changeEntry', name, sequence, changes }, deadline),
    read: (name, fence, { deadline }) => client.send({ op: 'readEntry', name, ...(fence && { fence }) }, deadline),
  }
}
