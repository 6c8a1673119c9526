import type { StateCall } from '@lockstep/conformance'
import type { Operation } from '../operation.ts'
import type { LockCall } from './fenced-mutex.ts'

/** As the recorder of a holder notes that its lease was lost before its ttl was over (see `fencedMutexModel`); it is answered with `true`. */
export interface LostCall {
  readonly do: 'locks.lost'
  readonly lease: string
}

export type LeaseCall = Extract<StateCall, { do: `locks.${string}` }> | LostCall

interface Lease {
  readonly name: string
  readonly token: number
}

/**
 * The calls of leases with their locks and tokens. A word for a lease means what the client got with it last, so no client may give one word to two calls under way.
 * What is about a lease that the client never had cannot be said of any lock, and is returned apart.
 */
export function withTokens(operations: readonly Operation<LeaseCall>[]): {
  calls: Operation<LockCall>[]
  strays: Operation<LeaseCall>[]
} {
  const leases = new Map<string, Lease>()
  const calls: Operation<LockCall>[] = []
  const strays: Operation<LeaseCall>[] = []
  for (const operation of operations.toSorted((a, b) => a.from - b.from)) {
    const { client, call, answer } = operation
    if (call.do === 'locks.inspect') calls.push({ ...operation, call: { do: 'inspect', name: call.name } })
    else if (call.do === 'locks.tryAcquire') {
      const { name, ttl } = call
      calls.push({ ...operation, call: { do: 'acquire', name, ttl } })
      const key = JSON.stringify([client, call.lease])
      if (isGrant(answer)) leases.set(key, { name, token: answer.token })
    } else {
      const key = JSON.stringify([client, call.lease])
      const lease = leases.get(key)
      // From then on the word means nothing: the next release is answered without asking the store.
      if (call.do === 'locks.release') leases.delete(key)
      if (lease === undefined) strays.push(operation)
      else calls.push({ ...operation, call: { do: call.do === 'locks.lost' ? 'lost' : 'release', ...lease } })
    }
  }
  return { calls, strays }
}

function isGrant(answer: unknown): answer is { token: number } {
  return typeof answer === 'object' && answer !== null && 'token' in answer && typeof answer.token === 'number'
}
