import { checkDuration, invalid } from './checks.ts'
import { monotonic } from './clock.ts'
import { OutcomeUnknownError, UnavailableError } from './errors.ts'

/** What every call takes. */
export interface CallOptions {
  /** Rejects the call with the signal's reason. What was already sent may still be applied. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds for the requests to the store, 1 to 60,000. Default 5,000. */
  readonly timeout?: number | undefined
}

export const defaultTimeout = 5_000
const maxTimeout = 60_000

/** The checked timeout of a call; throws the reason of a signal that has aborted. */
export function checkCall(options: CallOptions | undefined): number {
  if (options === undefined) return defaultTimeout
  const { signal, timeout = defaultTimeout } = options
  if (timeout !== defaultTimeout) checkDuration(timeout, 'timeout', 1, maxTimeout)
  if (signal !== undefined) {
    checkSignal(signal)
    signal.throwIfAborted()
  }
  return timeout
}

export function checkSignal(signal: unknown): void {
  if (!(signal instanceof AbortSignal)) throw invalid('signal', 'an AbortSignal', signal)
}

/** Settles by `deadline` whatever `work` does: with `late()` then, with the signal's reason if that aborts first. */
export function bounded<T>(
  work: Promise<T>,
  deadline: number,
  signal: AbortSignal | undefined,
  late: () => Error,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => finish(() => reject(late())), Math.max(0, deadline - monotonic()))
    const abort = (): void => finish(() => reject(signal?.reason))
    const finish = (settle: () => void): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      settle()
    }
    signal?.addEventListener('abort', abort, { once: true })
    work.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(error)),
    )
  })
}

export function notAnswered(what: string): UnavailableError {
  return new UnavailableError(
    `${what} got no answer in time; nothing was changed. Try again, or raise timeout if the store is only slow.`,
  )
}

export function outcomeUnknown(what: string, options?: ErrorOptions): OutcomeUnknownError {
  return new OutcomeUnknownError(
    `${what} was sent and not answered: it may have been applied. Read the value, or repeat the call with the same operationId.`,
    options,
  )
}
