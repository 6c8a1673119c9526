/** Everything that a run of many seeds has to have met: a case that never occurred is not proved. */
export const cases = [
  'steps',
  'commands carried out',
  'requests refused as late',
  'requests sent again',
  'repeats answered from the record',
  'operations repeated',
  'operation ids used for another change',
  'grants at once',
  'grants of an offer',
  'grants asked for again',
  'grants after an expiry',
  'grants that came too late',
  'grants lengthened',
  'answers of place 2 or more',
  'tries refused',
  'waits that ran out',
  'acquires that reached no store',
  'acquires aborted',
  'places or grants withdrawn',
  'offers',
  'offers lapsed',
  'offers heard',
  'leases released',
  'leases released too late',
  'leases extended',
  'extensions refused',
  'leases expired for their holder',
  'leases lost with the link',
  'leases of a cut stream kept',
  'leases freed by a death',
  'changes applied',
  'changes acknowledged',
  'changes refused by their bounds',
  'changes out of range',
  'changes of unknown outcome',
  'changes never sent',
  'changes aborted',
  'changes folded into one list',
  'changes of several names',
  'fences passed',
  'stale fences refused',
  'fences below the floor refused',
  'tombstones in the way',
  'counters expired',
  'entries expired',
  'connections opened',
  'connections resumed',
  'identities forgotten',
  'connections superseded',
  'connections lost',
  'connections cut by the host',
  'connection attempts failed',
  'credit used up',
  'goodbyes',
  'workers killed',
  'workers stopped',
  'workers resumed',
  'hosts killed',
  'hosts started empty',
  'hosts restored from a snapshot',
  'hosts restored from snapshot and log',
  'restarts with the clock set back',
  'snapshots',
  'logs replayed',
  'ticks in time',
  'ticks late',
  'ticks early',
  'jumps of the monotonic clock',
  'jumps of the wall clock forward',
  'jumps of the wall clock back',
] as const

export type Case = (typeof cases)[number]

/** How often each case occurred. */
export class Coverage {
  readonly #counts: Record<Case, number> = Object.fromEntries(cases.map((name) => [name, 0])) as Record<Case, number>

  count(name: Case): void {
    this.#counts[name]++
  }

  get(name: Case): number {
    return this.#counts[name]
  }

  get missed(): Case[] {
    return cases.filter((name) => this.get(name) === 0)
  }
}
