import type { EngineClient } from '@lockstep/link'
import type { CounterStore } from '@lockstep/state'

/** `immediate`: the engine is in this process, so a change has no journey to share. */
export function counterStore(client: EngineClient, immediate: boolean): CounterStore {
  return {
    immediate,
    apply: ({ name, sequence, changes }, { deadline }) =>
      client.send({ op: 'changeCounter', name, sequence, changes }, deadline),
    applyAll: (request, { deadline }) => client.send({ op: 'addAll', ...request }, deadline),
    read: (name, fence, { deadline }) => client.send({ op: 'readCounter', name, ...(fence && { fence }) }, deadline),
  }
}
