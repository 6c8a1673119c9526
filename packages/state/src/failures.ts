/** The refusals of single changes, as every store words them. */
import type { Fence } from './adapter.ts'
import type { Failure } from './errors.ts'

/** A change by `delta` of a counter that stands at `value`. */
export function outOfRange(name: string, value: number, delta: number | undefined): Failure {
  return {
    code: 'LOCKSTEP_OUT_OF_RANGE',
    message:
      `Counter ${quote(name)} stands at ${value}: a change by ${delta} would leave ±(2^53 - 1), ` +
      'the range in which whole numbers are exact',
  }
}

/** `mark`: the highest token of this lock that the resource `name` has seen. */
export function staleToken(name: string, fence: Fence | undefined, mark: number): Failure {
  return {
    code: 'LOCKSTEP_STALE_TOKEN',
    message:
      `The lease of lock ${quote(fence?.name)} has token ${fence?.token}, but ${quote(name)} has already seen ` +
      `token ${mark} of that lock: a newer holder was here`,
  }
}

/** The id is on record with another request. */
export function differentOperation(id: string | undefined): Failure {
  return {
    code: 'LOCKSTEP_INVALID_ARGUMENT',
    message:
      `operationId ${quote(id)} is on record for one of these counters with other names, delta, min or max: ` +
      'a repeat must ask for the same, and a new operation needs an id of its own',
  }
}

function quote(name: string | undefined): string {
  return JSON.stringify(name)
}
