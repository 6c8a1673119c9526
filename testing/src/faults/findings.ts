import type { Left } from '../members/members.ts'
import type { Ground } from './ground.ts'

/** What a scenario has found. */
export interface Findings {
  /** How many calls, or whole rounds of calls, were judged. */
  readonly operations: number
  /** How often harm was done. */
  readonly faults: number
  /** Of the operations, those of which nobody was told whether they have happened. */
  readonly indeterminate: number
  /** What speaks against the promise, in words; nothing if all is well. */
  readonly violations: readonly string[]
  /** How its processes have left at the end, if they were let go in peace. */
  readonly left?: Left
}

/** A line of the report. */
export interface Account extends Omit<Findings, 'left'> {
  readonly adapter: string
  readonly store: string
  readonly row: Row
  /** The scenario, in a few words. */
  readonly what: string
  /** Repeats what was left to chance, where something was. */
  readonly seed?: number
}

/**
 * What a scenario is about. Locks: L1 one holder at a time, with growing tokens; L2 stale writes are refused; L3 a holder is told before its lease ends; L4 a lost
 * request or reply leaves no lock behind; L5 the store is killed, and what it kept is there again; L6 a process is killed, or misses its wake-up; L7 the primary is killed, or its workers reloaded.
 * Counters: C1 every change is made once; C2 stock is never sold twice; C3 all calls fit into one order. X1: processes leave nothing behind and end by themselves.
 */
export type Row = 'L1' | 'L2' | 'L3' | 'L4' | 'L5' | 'L6' | 'L7' | 'C1' | 'C2' | 'C3' | 'X1'

declare module 'vitest' {
  interface TaskMeta {
    /** For the report at the end of the run: fault-reporter.ts. */
    accounts?: Account[]
  }
}

/** The test, as its context names it. */
interface Task {
  readonly meta: { accounts?: Account[] }
}

export interface Subject extends Pick<Account, 'row' | 'what' | 'seed'> {
  readonly on: Pick<Ground, 'adapter' | 'store'>
}

/**
 * Put into the report what a scenario has found, and under X1 how its processes have left, whose faults are those of the scenario and counted there. Returns all violations, for the test to expect that there are none.
 *
 *     expect(reported(task, { on: ground, row: 'L1', what: 'contention' }, found)).toEqual([])
 */
export function reported(task: Task, subject: Subject, { left, ...findings }: Findings): string[] {
  const { on, row, what, seed } = subject
  const { adapter, store } = on
  const account: Account = { adapter, store, row, what, ...(seed !== undefined && { seed }), ...findings }
  const ends = left === undefined ? [] : [endsOf(left, subject)]
  task.meta.accounts = [...(task.meta.accounts ?? []), account, ...ends]
  return [...findings.violations, ...(left?.violations ?? [])]
}

function endsOf({ members, violations }: Left, { on: { adapter, store }, what }: Subject): Account {
  const title = `processes that end by themselves: ${what}`
  return { adapter, store, row: 'X1', what: title, operations: members, faults: 0, indeterminate: 0, violations }
}
