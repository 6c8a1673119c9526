import type { Failure, Fence } from '@lockstep/state'
import { adviceFor } from './trouble.ts'

/** What a script refuses a change with: `!stale,<mark>`, `!range,<value>`, `!operation` or `!type`; for several names the last number tells which. */
export function isRefusal(word: string): boolean {
  return word.startsWith('!')
}

/** What was asked for, as far as messages need it. */
export interface Asked {
  readonly name: string
  readonly delta?: number | undefined
  readonly fence?: Fence | undefined
  readonly operationId?: string | undefined
  /** Of the server. */
  readonly address: string
}

export function failureOf(word: string, { name, delta, fence, operationId, address }: Asked): Failure {
  const [kind, value] = word.split(',')
  if (kind === '!stale') {
    return {
      code: 'LOCKSTEP_STALE_TOKEN',
      message: `The lease of lock ${quote(fence?.name)} has token ${fence?.token}, but ${quote(name)} has already seen token ${value} of that lock: a newer holder was here`,
    }
  }
  if (kind === '!range') {
    return {
      code: 'LOCKSTEP_OUT_OF_RANGE',
      message: `Counter ${quote(name)} stands at ${value}: a change by ${delta} would leave ±(2^53 - 1), the range in which whole numbers are exact`,
    }
  }
  if (kind === '!type') {
    const message = `Redis at ${address} has something else under the key of ${quote(name)} or of its operation (WRONGTYPE).`
    return { code: 'LOCKSTEP_UNAVAILABLE', message: message + adviceFor(message) }
  }
  return {
    code: 'LOCKSTEP_INVALID_ARGUMENT',
    message: `operationId ${quote(operationId)} is on record for one of these counters with other names, delta, min or max: a repeat must ask for the same, and a new operation needs an id of its own`,
  }
}

function quote(name: string | undefined): string {
  return JSON.stringify(name)
}
