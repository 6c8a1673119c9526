import type { AddAllOutcome, CounterChange, CounterOutcome, Failure } from '@lockstep/state'
import { changing, type Row } from './fault.ts'

function identified(
  remembers: (answer: CounterOutcome | Failure) => boolean,
  key: (name: string, id: string, change: CounterChange) => string,
): Row[2] {
  return ({ counters }) => {
    const answers = new Map<string, CounterOutcome | Failure>()
    return {
      counters: {
        apply: async (list, call) => {
          const outcomes: (CounterOutcome | Failure)[] = []
          for (const change of list.changes) {
            const id = change.kind === 'add' ? change.operationId : undefined
            const known = id === undefined ? undefined : answers.get(key(list.name, id, change))
            const [outcome] =
              known === undefined
                ? await counters.apply(
                    { ...list, changes: [{ ...change, operationId: undefined } as CounterChange] },
                    call,
                  )
                : [known]
            if (outcome === undefined) throw new Error('no outcome')
            if (id !== undefined && remembers(outcome)) answers.set(key(list.name, id, change), outcome)
            outcomes.push(outcome)
          }
          return outcomes
        },
      },
    }
  }
}

export const operationFaults: Row[] = [
  [
    'ignores operation ids',
    ['operations/repeat', 'operations/at-once'],
    changing({ counters: (change) => (change.kind === 'add' ? { ...change, operationId: undefined } : change) }),
  ],
  [
    'knows an operation by its id alone',
    ['operations/other-name'],
    identified(
      () => true,
      (_name, id) => id,
    ),
  ],
  [
    'answers another change with the record',
    ['operations/other-change'],
    identified(
      () => true,
      (name, id) => `${name} ${id}`,
    ),
  ],
  [
    'records refusals by a fence',
    ['operations/stale-token'],
    identified(
      () => true,
      (name, id) => `${name} ${id}`,
    ),
  ],
  [
    'records what was applied only',
    ['operations/refusal'],
    identified(
      (answer) => 'applied' in answer && answer.applied,
      (name, id, change) => JSON.stringify([name, id, { ...change, fence: 0, ttl: 0 }]),
    ),
  ],
  [
    'knows an operation by its fence and ttl too',
    ['operations/same-change'],
    identified(
      () => true,
      (name, id, change) => JSON.stringify([name, id, change]),
    ),
  ],
  [
    'ignores the operation id of addAll',
    ['operations/addAll'],
    ({ counters }) => ({
      counters: {
        applyAll: (request, call): Promise<AddAllOutcome> =>
          counters.applyAll({ ...request, operationId: undefined }, call),
      },
    }),
  ],
]
