import { outcomeOf, type Event, type Model } from '../model.ts'

/** Calls of one lock. Whose lease is meant is said by its token. */
export type LockCall =
  | { readonly do: 'acquire'; readonly name: string; readonly ttl: number }
  /** `token` 0: of a lease that was never had. */
  | { readonly do: 'release' | 'lost'; readonly name: string; readonly token: number }
  | { readonly do: 'inspect'; readonly name: string }

/** On the clock of the history. */
export interface LockState {
  readonly holder: Holder | undefined
  /** The highest token given. */
  readonly highest: number
  /** What comes next comes at this time or later. */
  readonly clock: number
}

interface Holder {
  /** `undefined`: of a grant that was not answered. */
  readonly token: number | undefined
  /** The lease has not ended before; whether it ends then depends on its extensions. */
  readonly until: number
}

/**
 * A lock that gives out fencing tokens, after Hazelcast's FencedMutex (https://github.com/jepsen-io/jepsen, hazelcast): each token is greater than all before it, and a
 * lock is given to nobody else before its release or the end of its lease. `ttl` counts from the sending of the request, less the margin of the contract
 * (1 % + 2 ms); when an extended lease ends is not known, so from then on the lock may be held or free.
 *
 * `lost` is noted by a holder that was told so before its ttl was over: from when it last knew that it had the lease until it was told. A `null` that nobody is to blame
 * for is a fault, so the model is for locks that nobody waits for: a waiter's offer stands in the way too.
 */
export const fencedMutexModel: Model<LockState, LockCall, unknown> = {
  initial: { holder: undefined, highest: 0, clock: -Infinity },
  names: ({ name }) => [name],
  outcome: (operation) => {
    const { call, failed } = operation
    const outcome = outcomeOf(operation, new Set())
    if (outcome?.kind === 'unknown') return call.do === 'inspect' ? undefined : outcome
    // An acquire that rejects may have been granted all the same, until it is withdrawn or its ttl ends.
    if (failed === 'LOCKSTEP_UNAVAILABLE' && call.do !== 'inspect') return { kind: 'unknown' }
    return outcome
  },
  step: (state, event) => {
    const next = move(state, event)
    return next === undefined || next.clock > event.to ? undefined : next
  },
  isIdle: ({ call, outcome }) =>
    outcome.kind === 'answered' && (call.do === 'inspect' || outcome.answer === null || outcome.answer === false),
  isPast: ({ highest }, { call, outcome }) => {
    const token = call.do === 'acquire' && outcome.kind === 'answered' ? tokenOf(outcome.answer) : undefined
    return token !== undefined && token <= highest
  },
  hash: ({ holder, highest, clock }) => JSON.stringify([holder?.token, holder?.until, highest, clock]),
  describe: ({ holder, highest, clock }) => {
    const standing =
      holder === undefined
        ? 'free'
        : `held with token ${holder.token ?? 'unknown'} until ${holder.until.toFixed(3)} at least`
    return `${standing}, highest token ${highest}, at ${clock.toFixed(3)} or later`
  },
}

function move(state: LockState, { call, from, outcome }: Event<LockCall, unknown>): LockState | undefined {
  const clock = Math.max(state.clock, from)
  const answer = outcome.kind === 'answered' ? outcome.answer : undefined
  switch (call.do) {
    case 'acquire':
      if (answer === null) return state.holder && state
      return acquire({ ...state, clock }, call.ttl, outcome.kind === 'unknown' ? 'unknown' : tokenOf(answer))
    case 'release': {
      const isHeld = state.holder?.token === call.token
      if (answer !== false) return isHeld ? { ...state, clock, holder: undefined } : undefined
      // The holder's own clock may say so; the store may still wait for it.
      return isHeld ? ended(state, clock) : state
    }
    case 'lost':
      return state.holder?.token === call.token
        ? { ...state, clock, holder: { token: call.token, until: clock } }
        : state
    case 'inspect':
      return inspect(state, answer, clock)
  }
}

function acquire(before: LockState, ttl: number, token: number | 'unknown' | undefined): LockState | undefined {
  if (token === undefined || (token !== 'unknown' && token <= before.highest)) return undefined
  const { clock, highest } = ended(before, before.clock)
  // What was not answered may be withdrawn at any time.
  if (token === 'unknown') return { clock, highest, holder: { token: undefined, until: clock } }
  return { clock, highest: token, holder: { token, until: clock + ttl - (ttl * 0.01 + 2) } }
}

function inspect(state: LockState, answer: unknown, clock: number): LockState | undefined {
  const { holder, highest } = state
  const held = typeof answer === 'object' && answer !== null && 'held' in answer ? answer.held : undefined
  if (held === false) return holder === undefined ? state : { ...ended(state, clock), holder: undefined }
  const token = tokenOf(answer)
  if (held !== true || holder === undefined || token === undefined) return undefined
  const isHolders = holder.token === undefined ? token > highest : token === holder.token
  return isHolders ? state : undefined
}

/** When the lease may have ended, if there is one. */
function ended(state: LockState, clock: number): LockState {
  return { ...state, clock: Math.max(clock, state.holder?.until ?? clock) }
}

function tokenOf(answer: unknown): number | undefined {
  const token = typeof answer === 'object' && answer !== null && 'token' in answer ? answer.token : undefined
  return typeof token === 'number' ? token : undefined
}
