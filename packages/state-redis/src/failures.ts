import { differentOperation, type Failure, type Fence, outOfRange, staleToken } from '@lockstep/state'
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
  if (kind === '!stale') return staleToken(name, fence, Number(value))
  if (kind === '!range') return outOfRange(name, Number(value), delta)
  if (kind === '!type') {
    const message = `Redis at ${address} has something else under the key of ${JSON.stringify(name)} or of its operation (WRONGTYPE).`
    return { code: 'LOCKSTEP_UNAVAILABLE', message: message + adviceFor(message) }
  }
  return differentOperation(operationId)
}
