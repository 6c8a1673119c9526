import type { Connection, CounterChange, CounterOutcome, EntryChange, EntryOutcome, Fence } from '@lockstep/state'
import type { PromiseId } from '../../src/index.ts'

type Stores = Required<Pick<Connection, 'locks' | 'counters' | 'entries'>>

/** One fault of an otherwise correct store: what it does instead. */
export type Fault = (stores: Stores) => { [Primitive in keyof Stores]?: Partial<Stores[Primitive]> }

/** What the store does wrong, and the promises whose tests see it. */
export type Row = [fault: string, caughtBy: readonly PromiseId[], Fault]

/** A store that carries out other changes than it was asked for. */
export function changing(edit: {
  counters?: (change: CounterChange) => CounterChange
  entries?: (change: EntryChange) => EntryChange
}): Fault {
  const { counters: editCounter = (change) => change, entries: editEntry = (change) => change } = edit
  return ({ counters, entries }) => ({
    counters: { apply: (list, call) => counters.apply({ ...list, changes: list.changes.map(editCounter) }, call) },
    entries: { apply: (list, call) => entries.apply({ ...list, changes: list.changes.map(editEntry) }, call) },
  })
}

/** A store that takes some names for others. */
export function naming(fold: (name: string) => string): Fault {
  return ({ counters }) => ({
    counters: {
      apply: (list, call) => counters.apply({ ...list, name: fold(list.name) }, call),
      read: (name, fence, call) => counters.read(fold(name), fence, call),
    },
  })
}

/** A store that tells something else than it did. */
export function telling(edit: {
  counters?: (outcome: CounterOutcome) => CounterOutcome
  entries?: (outcome: EntryOutcome) => EntryOutcome
}): Fault {
  const { counters: editCounter = (outcome) => outcome, entries: editEntry = (outcome) => outcome } = edit
  return ({ counters, entries }) => ({
    counters: {
      apply: async (list, call) =>
        (await counters.apply(list, call)).map((outcome) => ('code' in outcome ? outcome : editCounter(outcome))),
    },
    entries: {
      apply: async (list, call) =>
        (await entries.apply(list, call)).map((outcome) => ('code' in outcome ? outcome : editEntry(outcome))),
    },
  })
}

/** A store that takes a fence for another one. */
export function fencing(edit: (fence: Fence | undefined) => Fence | undefined): Fault {
  return changing({
    counters: (change) => ({ ...change, fence: edit(change.fence) }),
    entries: (change) => ({ ...change, fence: edit(change.fence) }),
  })
}
