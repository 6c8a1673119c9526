import type {
  AcquireRequest,
  AddAllRequest,
  ChangeList,
  CounterChange,
  EntryChange,
  ExtendRequest,
  Fence,
  LockOwner,
} from '@lockstep/state'

/** `reserve` may be left out: 0. */
export type AcquireStep = Omit<AcquireRequest, 'reserve'> & Partial<Pick<AcquireRequest, 'reserve'>>

/** One request of the adapter contract as plain data, or the end of the client that makes it. */
export type Step =
  | ({ readonly op: 'acquire' } & AcquireStep)
  | ({ readonly op: 'cancel' | 'release' } & LockOwner)
  | { readonly op: 'extend'; readonly leases: readonly ExtendRequest[] }
  | { readonly op: 'inspect'; readonly name: string }
  | ({ readonly op: 'changeCounter' } & ChangeList<CounterChange>)
  | ({ readonly op: 'addAll' } & AddAllRequest)
  | ({ readonly op: 'changeEntry' } & ChangeList<EntryChange>)
  | { readonly op: 'readCounter' | 'readEntry'; readonly name: string; readonly fence?: Fence }
  | { readonly op: 'dropClient'; readonly keepLeases: boolean }

/** A step of one client, and by how much the clocks move before it. */
export interface TimedStep {
  readonly client: string
  /** Milliseconds. */
  readonly after: number
  /** Microseconds; the wall clock may be set back. */
  readonly wallAfter: number
  readonly step: Step
}

/** Where the wall clock of a history starts, in microseconds. Fences have tokens from one below it. */
export const firstWall = 1_700_000_000_000_000

/** Stands in a generated `ifVersion` for the version that the entry has when the step is run. */
export const presentVersion = 1

/** The locks that steps are about. */
export const lockNames: readonly string[] = ['l', 'm']
