import type { CounterChange, CounterOutcome, Failure } from '@lockstep/state'
import { changing, telling, type Row } from './fault.ts'

function withoutBounds(change: CounterChange): CounterChange {
  return change.kind === 'add' ? { ...change, min: undefined, max: undefined } : change
}

export const counterFaults: Row[] = [
  [
    'ignores bounds',
    ['counters/bounds', 'counters/take', 'counters/never-oversold', 'properties/histories'],
    changing({ counters: withoutBounds }),
  ],
  [
    'calls a change out of range a refusal',
    ['counters/range-before-bounds'],
    ({ counters }) => ({
      counters: {
        apply: async (list, call) => {
          const outcomes = await counters.apply(list, call)
          return outcomes.map((outcome) =>
            'code' in outcome ? { applied: false, value: 0, expiresIn: null } : outcome,
          )
        },
      },
    }),
  ],
  [
    'counts an absent counter as 1',
    ['counters/absent'],
    ({ counters }) => ({
      counters: { read: async (name, fence, call) => (await counters.read(name, fence, call)) || 1 },
    }),
  ],
  [
    'counts a change twice',
    ['counters/add', 'counters/folding', 'lifecycle/close-flushes', 'lifecycle/close-waits'],
    ({ counters }) => ({
      counters: {
        apply: async (list, call) => {
          const changes = list.changes.flatMap((change) => [change, change])
          const outcomes = await counters.apply({ ...list, changes }, call)
          return outcomes.filter((_, index) => index % 2 === 1)
        },
      },
    }),
  ],
  [
    'answers all changes of a list as the last',
    ['counters/folding'],
    ({ counters }) => ({
      counters: {
        apply: async (list, call) => {
          const outcomes = await counters.apply(list, call)
          return outcomes.map((outcome) => outcomes.at(-1) ?? outcome)
        },
      },
    }),
  ],
  [
    'judges all changes of a list by the bounds of the first',
    ['counters/folding-each-its-own'],
    ({ counters }) => ({
      counters: {
        apply: (list, call) => {
          const [first] = list.changes
          const { min, max } = first?.kind === 'add' ? first : {}
          const changes = list.changes.map((change) => (change.kind === 'add' ? { ...change, min, max } : change))
          return counters.apply({ ...list, changes }, call)
        },
      },
    }),
  ],
  [
    'says that what it refused was applied',
    ['counters/bounds'],
    telling({ counters: (outcome) => ({ ...outcome, applied: true }) }),
  ],
  [
    'refuses a change and makes it',
    ['counters/bounds'],
    ({ counters }) => ({
      counters: {
        apply: async (list, call) => {
          const outcomes = await counters.apply(list, call)
          const refused = list.changes.filter(
            (_, index) => outcomes[index] && !('code' in outcomes[index]) && !outcomes[index].applied,
          )
          await counters.apply({ ...list, changes: refused.map(withoutBounds) }, call)
          return outcomes
        },
      },
    }),
  ],
  [
    'moves the end of a counter',
    ['counters/ttl'],
    telling({ counters: (outcome) => ({ ...outcome, expiresIn: 60_000 }) }),
  ],
  [
    'keeps the lifetime of the first value',
    ['counters/set'],
    changing({ counters: (change) => (change.kind === 'set' ? { ...change, ttl: undefined } : change) }),
  ],
  [
    'has every compareAndSet win',
    ['counters/compare-and-set'],
    changing({
      counters: (change) => (change.kind === 'compareAndSet' ? { kind: 'set', value: change.value } : change),
    }),
  ],
  [
    'says that it deleted what was not there',
    ['counters/delete'],
    telling({ counters: (outcome) => ({ ...outcome, applied: true }) }),
  ],
  [
    'does not delete',
    ['counters/delete'],
    changing({ counters: (change) => (change.kind === 'delete' ? { kind: 'add', delta: 0 } : change) }),
  ],
  [
    'stops at the end of the range instead of refusing',
    ['counters/out-of-range'],
    ({ counters }) => ({
      counters: {
        apply: async (list, call) =>
          (await counters.apply(list, call)).map((outcome): CounterOutcome | Failure =>
            'code' in outcome && outcome.code === 'LOCKSTEP_OUT_OF_RANGE'
              ? { applied: true, value: Number.MAX_SAFE_INTEGER, expiresIn: null }
              : outcome,
          ),
      },
    }),
  ],
  [
    'remembers what a client has read',
    ['counters/linearizable'],
    ({ counters }) => {
      const read = new Map<string, number>()
      return {
        counters: {
          read: async (name, fence, call) => {
            const value = read.get(name) ?? (await counters.read(name, fence, call))
            read.set(name, value)
            return value
          },
        },
      }
    },
  ],
  [
    'answers addAll in the order of names',
    ['addAll/applied'],
    ({ counters }) => ({
      counters: {
        applyAll: (request, call) =>
          counters.applyAll(
            { ...request, changes: request.changes.toSorted((a, b) => (a.name < b.name ? -1 : 1)) },
            call,
          ),
      },
    }),
  ],
  [
    'adds what it can of addAll',
    ['addAll/refused'],
    ({ counters }) => ({
      counters: {
        applyAll: async (request, call) => {
          const values: number[] = []
          let applied = true
          for (const change of request.changes) {
            const answer = await counters.applyAll({ ...request, changes: [change] }, call)
            values.push(...answer.values)
            applied &&= answer.applied
          }
          return { applied, values }
        },
      },
    }),
  ],
  [
    'loses the last of addAll',
    ['addAll/sum', 'addAll/placement'],
    ({ counters }) => ({
      counters: {
        applyAll: async (request, call) => {
          const answer = await counters.applyAll(
            { ...request, changes: request.changes.slice(0, Math.max(1, request.changes.length - 1)) },
            call,
          )
          return { ...answer, values: request.changes.map((_, index) => answer.values[index] ?? 0) }
        },
      },
    }),
  ],
  [
    'separates names by a colon',
    ['names/compound'],
    ({ counters }) => ({
      counters: {
        apply: (list, call) =>
          counters.apply(
            {
              ...list,
              name: 'x',
              changes: list.changes.map((change) =>
                'operationId' in change ? { ...change, operationId: `${list.name}:${change.operationId}` } : change,
              ),
            },
            call,
          ),
      },
    }),
  ],
]
