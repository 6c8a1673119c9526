/**
 * One call as the process that made it saw it. Times are milliseconds on the machine's monotonic clock (`now()`), which all its processes share.
 *
 * With `answer` it has happened, once, between `from` and `to`. With `failed`, the code of its error, it has not, unless the code is
 * `LOCKSTEP_OUTCOME_UNKNOWN`. Without `to` the process ended first. What nobody knows of may have happened at any time after `from`, or never.
 */
export interface Operation<Call = unknown, Answer = unknown> {
  /** The process, or the client in it, that made the call. Its calls may overlap. */
  readonly client: string
  readonly call: Call
  readonly from: number
  readonly to?: number
  readonly answer?: Answer
  readonly failed?: string
}

/** Answered: it has happened, once. */
export function isAcknowledged<Call, Answer>(
  operation: Operation<Call, Answer>,
): operation is Operation<Call, Answer> & { readonly to: number; readonly answer: Answer } {
  return operation.answer !== undefined
}

/** Nobody knows whether it has happened. */
export function isUnknown({ to, failed }: Operation): boolean {
  return to === undefined || failed === 'LOCKSTEP_OUTCOME_UNKNOWN'
}
