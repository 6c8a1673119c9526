/** Every failure that users can meet, in one table. Messages say what happened, why, and what to do; credentials are never in them. */

const table = {
  LOCKSTEP_INVALID_ARGUMENT: 400,
  LOCKSTEP_OUT_OF_RANGE: 422,
  LOCKSTEP_LOCK_TIMEOUT: 503,
  LOCKSTEP_LEASE_LOST: 503,
  LOCKSTEP_STALE_TOKEN: 409,
  LOCKSTEP_OUTCOME_UNKNOWN: 504,
  LOCKSTEP_UNAVAILABLE: 503,
  LOCKSTEP_CAPACITY: 503,
  LOCKSTEP_UNSUPPORTED: 501,
  LOCKSTEP_ADAPTER_NOT_INSTALLED: 500,
  LOCKSTEP_PERMANENT: 500,
  LOCKSTEP_CLOSED: 503,
} as const

export type ErrorCode = keyof typeof table

/** A failure as plain data: how it crosses a process border, and how a store refuses one change of a list. */
export interface Failure {
  readonly code: ErrorCode
  readonly message: string
}

const brand = Symbol.for('lockstep.StateError')

/** The root of them all. `instanceof` goes by brand and code, so it holds across duplicate installations of this package. */
export abstract class StateError extends Error {
  static readonly code: ErrorCode
  readonly code: ErrorCode
  /** The HTTP status that Fastify and http-errors answer with. */
  readonly statusCode: number

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = new.target.code
    this.statusCode = table[this.code]
    Object.defineProperty(this, 'name', { value: new.target.name, configurable: true, writable: true })
    Object.defineProperty(this, brand, { value: true })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isStateError(value) && (this === StateError || value.code === this.code)
  }
}

export function isStateError(value: unknown): value is StateError {
  return typeof value === 'object' && value !== null && brand in value
}

/** A name, option, amount or payload breaks a rule. Nothing was sent. */
export class InvalidArgumentError extends StateError {
  static override readonly code = 'LOCKSTEP_INVALID_ARGUMENT'
}

/** A counter would leave the range of whole numbers that are exact. The value is unchanged. */
export class OutOfRangeError extends StateError {
  static override readonly code = 'LOCKSTEP_OUT_OF_RANGE'
}

/** The lock was still taken when `wait` ran out. */
export class LockTimeoutError extends StateError {
  static override readonly code = 'LOCKSTEP_LOCK_TIMEOUT'
}

/** The lease ended before it was released. */
export class LeaseLostError extends StateError {
  static override readonly code = 'LOCKSTEP_LEASE_LOST'
}

/** A newer holder of the lock has been here: the call was refused. */
export class StaleTokenError extends StateError {
  static override readonly code = 'LOCKSTEP_STALE_TOKEN'
}

/** The write was sent and its answer is not known: it may have been applied. */
export class OutcomeUnknownError extends StateError {
  static override readonly code = 'LOCKSTEP_OUTCOME_UNKNOWN'
}

/** The store did not answer. Nothing was applied. */
export class UnavailableError extends StateError {
  static override readonly code = 'LOCKSTEP_UNAVAILABLE'
}

/** A bound was reached: too many calls under way. Nothing was sent. */
export class CapacityError extends StateError {
  static override readonly code = 'LOCKSTEP_CAPACITY'
}

/** The adapter has no such primitive or option; see `capabilities`. */
export class UnsupportedError extends StateError {
  static override readonly code = 'LOCKSTEP_UNSUPPORTED'
}

/** The package of an adapter named by a word is not installed, or does not fit. */
export class AdapterNotInstalledError extends StateError {
  static override readonly code = 'LOCKSTEP_ADAPTER_NOT_INSTALLED'
}

/** Thrown by a message handler: do not try again. */
export class PermanentError extends StateError {
  static override readonly code = 'LOCKSTEP_PERMANENT'
}

/** The state was closed. */
export class ClosedError extends StateError {
  static override readonly code = 'LOCKSTEP_CLOSED'
}

const classes: Record<ErrorCode, new (message: string, options?: ErrorOptions) => StateError> = {
  LOCKSTEP_INVALID_ARGUMENT: InvalidArgumentError,
  LOCKSTEP_OUT_OF_RANGE: OutOfRangeError,
  LOCKSTEP_LOCK_TIMEOUT: LockTimeoutError,
  LOCKSTEP_LEASE_LOST: LeaseLostError,
  LOCKSTEP_STALE_TOKEN: StaleTokenError,
  LOCKSTEP_OUTCOME_UNKNOWN: OutcomeUnknownError,
  LOCKSTEP_UNAVAILABLE: UnavailableError,
  LOCKSTEP_CAPACITY: CapacityError,
  LOCKSTEP_UNSUPPORTED: UnsupportedError,
  LOCKSTEP_ADAPTER_NOT_INSTALLED: AdapterNotInstalledError,
  LOCKSTEP_PERMANENT: PermanentError,
  LOCKSTEP_CLOSED: ClosedError,
}

/** The error that a failure stands for. */
export function errorFrom(failure: Failure, options?: ErrorOptions): StateError {
  return new classes[failure.code](failure.message, options)
}

/** An outcome that is a refusal. */
export function isFailure(outcome: object): outcome is Failure {
  return 'code' in outcome
}
