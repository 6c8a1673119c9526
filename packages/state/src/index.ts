export * from './adapter.ts'
export { defaultTimeout, type CallOptions } from './calls.ts'
export * from './capabilities.ts'
export { monotonic } from './clock.ts'
export {
  createClusterState,
  ClusterState,
  type AdapterChoice,
  type AdapterChoices,
  type AdapterOptions,
  type CloseOptions,
  type ClusterStateOptions,
} from './cluster-state.ts'
export {
  Counters,
  type AddOptions,
  type CounterAddition,
  type SetCounterOptions,
  type TakeOptions,
} from './counters.ts'
export {
  channels,
  type AcquiredMessage,
  type LostMessage,
  type RefusedMessage,
  type ReleasedMessage,
  type TimeoutMessage,
} from './diagnostics.ts'
export { Entries, type DeleteEntryOptions, type SetEntryOptions } from './entries.ts'
export * from './errors.ts'
export { differentOperation, outOfRange, staleToken } from './failures.ts'
export type { FencedOptions } from './fences.ts'
export { overall, type AdapterHealth, type Health, type HealthStatus } from './health.ts'
export type { Lease } from './lease.ts'
export { Locks, type AcquireOptions, type TryAcquireOptions } from './locks.ts'
export { placement } from './placement.ts'
export { Turn } from './turn.ts'
export { TypedEntries, type TypedEntryValue } from './typed-entries.ts'
