import { Engine, type EngineOptions, type SnapshotRecord } from '../../src/index.ts'

/** What the simulation needs of an engine. */
export type Machine = Pick<Engine, 'execute' | 'dropClient' | 'tick' | 'nextDeadline' | 'snapshot' | 'stats'>

/** The rules of the product that a negative control may break, one at a time. */
export interface Rules {
  readonly start: (options: EngineOptions) => Machine
  readonly restore: (records: readonly SnapshotRecord[], options: EngineOptions) => Machine
  /** From when on a lease counts for its holder. */
  readonly leaseCountsFrom: 'sending' | 'reply'
  /** Milliseconds that a lease of this ttl ends earlier for its holder than for the store. */
  readonly margin: (ttl: number) => number
  /** Leases are lost with the link. */
  readonly linkLosesLeases: boolean
  /** The host refuses what comes after its deadline. */
  readonly hostRefusesLate: boolean
  /** A stream that the host has cut leaves the leases to their ttl. */
  readonly cutKeepsLeases: boolean
  /** Changes that a host of another epoch may have applied are not sent to this one. */
  readonly newHostGetsNoRepeat: boolean
  /** A name has one list of changes under way. */
  readonly oneListUnderWay: boolean
}

/** As the product has them. */
export const rules: Rules = {
  start: (options) => new Engine(options),
  restore: (records, options) => Engine.restore(records, options),
  leaseCountsFrom: 'sending',
  margin: (ttl) => ttl * 0.01 + 2,
  linkLosesLeases: true,
  hostRefusesLate: true,
  cutKeepsLeases: true,
  newHostGetsNoRepeat: true,
  oneListUnderWay: true,
}
