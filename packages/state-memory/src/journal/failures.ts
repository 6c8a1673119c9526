import { UnavailableError, UnsupportedError, isStateError } from '@lockstep/state'
import type { Failure, StateError } from '@lockstep/state'

/** What the system said, with its code: `ENOSPC: no space left on device, write`. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export function notWritten(path: string, error: unknown): Failure {
  return {
    code: 'LOCKSTEP_UNAVAILABLE',
    message: `The journal ${path} could not be written (${reasonOf(error)}); nothing was applied`,
  }
}

export function notSynced(path: string, error: unknown): Failure {
  return {
    code: 'LOCKSTEP_OUTCOME_UNKNOWN',
    message:
      `The journal ${path} was written and could not be brought to the disk (${reasonOf(error)}): ` +
      'the change is not applied now, and may be after a restart',
  }
}

export function broken(path: string, why: string): Failure {
  return {
    code: 'LOCKSTEP_UNAVAILABLE',
    message: `The journal ${path} takes no more changes (${why}); nothing was applied. Restart this process when the disk is well`,
  }
}

/** Whatever went wrong while a journal was opened, as a coded error. */
export function notOpened(folder: string, error: unknown): StateError {
  if (isStateError(error)) return error
  return new UnavailableError(`The journal in ${folder} could not be opened: ${reasonOf(error)}`, { cause: error })
}

export interface Damage {
  readonly path: string
  readonly size: number
  /** The first byte that cannot be read. */
  readonly offset: number
  /** How many records before it can be. */
  readonly records: number
  readonly what: string
}

export function damaged({ path, size, offset, records, what }: Damage, cause?: unknown): UnavailableError {
  return new UnavailableError(
    `The journal ${path} is damaged: ${what} at byte ${offset} of ${size}; the ${records} records before it can be read. ` +
      'It was left as it is. Put a copy of it back that is whole, or give journal.repair: true to go on with what can be ' +
      'read; the damaged file is kept beside it',
    { cause },
  )
}

export function tooNew(path: string, format: unknown, ours: number): UnsupportedError {
  return new UnsupportedError(
    `The journal ${path} has format ${String(format)}, and this version of @lockstep/state-memory reads format ${ours}: ` +
      'update it, or give this process a folder of its own',
  )
}
