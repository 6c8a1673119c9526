import { channel } from 'node:diagnostics_channel'
import { isStateError } from './errors.ts'

/** A lock was granted. */
export interface AcquiredMessage {
  readonly name: string
  readonly token: number
  /** Milliseconds from the call of `acquire` to the grant. */
  readonly waited: number
}

/** A lease ended before it was released. */
export interface LostMessage {
  readonly name: string
  readonly token: number
  readonly cause: Error
}

/** A lease was released by its holder. */
export interface ReleasedMessage {
  readonly name: string
  readonly token: number
  /** Milliseconds from the grant to the release. */
  readonly held: number
}

/** A lock was still taken, or the store away, when `wait` ran out. */
export interface TimeoutMessage {
  readonly name: string
  readonly error: Error
}

/** A write under an old token was refused, or the outcome of a write cannot be learned. */
export interface RefusedMessage {
  readonly name: string
  readonly error: Error
}

interface TypedChannel<Message> {
  readonly hasSubscribers: boolean
  publish(message: Message): void
}

function typed<Message>(name: string): TypedChannel<Message> {
  return channel(name)
}

/** Every channel of `node:diagnostics_channel` that this package publishes on. Nothing is built for a channel without subscribers. */
export const channels: {
  readonly lockAcquired: TypedChannel<AcquiredMessage>
  readonly lockTimeout: TypedChannel<TimeoutMessage>
  readonly leaseLost: TypedChannel<LostMessage>
  readonly leaseReleased: TypedChannel<ReleasedMessage>
  readonly staleWrite: TypedChannel<RefusedMessage>
  readonly outcomeUnknown: TypedChannel<RefusedMessage>
} = {
  lockAcquired: typed('lockstep:lock:acquired'),
  lockTimeout: typed('lockstep:lock:timeout'),
  leaseLost: typed('lockstep:lease:lost'),
  leaseReleased: typed('lockstep:lease:released'),
  staleWrite: typed('lockstep:write:stale'),
  outcomeUnknown: typed('lockstep:write:unknown'),
}

/** Tell of a change that was refused for its token, or whose outcome is unknown. */
export function reportRefusal(name: string, error: unknown): void {
  if (!isStateError(error)) return
  const { staleWrite, outcomeUnknown } = channels
  if (error.code === 'LOCKSTEP_STALE_TOKEN' && staleWrite.hasSubscribers) staleWrite.publish({ name, error })
  if (error.code === 'LOCKSTEP_OUTCOME_UNKNOWN' && outcomeUnknown.hasSubscribers)
    outcomeUnknown.publish({ name, error })
}
