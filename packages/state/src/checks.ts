import { InvalidArgumentError } from './errors.ts'
import type { Fence } from './adapter.ts'

const maxNameBytes = 191
const maxMilliseconds = 2 ** 31 - 1
// A control character (C0, DEL, C1) or half of a surrogate pair.
const unfit = /[\p{Cc}\p{Cs}]/u

/** The refusal of one argument: which, the rule, and the value, escaped and cut to 40 characters. */
export function invalid(argument: string, rule: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(`${argument} must be ${rule}, got ${show(value)}`)
}

export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40)) + (value.length > 40 ? '…' : '')
  if (typeof value === 'bigint') return `${value}n`.slice(0, 40)
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  if (typeof value === 'function') return 'a function'
  return String(value).slice(0, 40)
}

/** A non-empty well-formed string of at most 191 bytes UTF-8 without control characters. */
export function checkName(name: unknown, argument = 'name'): asserts name is string {
  if (typeof name !== 'string') throw invalid(argument, 'a string', name)
  if (name === '') throw invalid(argument, 'a non-empty string', name)
  if (name.length <= maxNameBytes && isPlain(name)) return
  if (Buffer.byteLength(name) > maxNameBytes) throw invalid(argument, `at most ${maxNameBytes} bytes of UTF-8`, name)
  if (unfit.test(name)) throw invalid(argument, 'well-formed text without control characters', name)
}

/** Printable ASCII, as most names are; faster to see than to match. */
function isPlain(name: string): boolean {
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index)
    if (code < 0x20 || code > 0x7e) return false
  }
  return true
}

/** A whole number of milliseconds from `min` to `max`. */
export function checkDuration(
  value: unknown,
  argument: string,
  min = 1,
  max: number = maxMilliseconds,
): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < min || (value as number) > max) {
    throw invalid(argument, `a whole number of milliseconds from ${min} to ${max}`, value)
  }
}

/** A whole number that is exact: within ±(2^53 − 1). */
export function checkInteger(
  value: unknown,
  argument: string,
  min: number = Number.MIN_SAFE_INTEGER,
): asserts value is number {
  if (!Number.isSafeInteger(value) || (value as number) < min) {
    const range = min === Number.MIN_SAFE_INTEGER ? 'within ±(2^53 − 1)' : `from ${min} to 2^53 − 1`
    throw invalid(argument, `a whole number ${range}`, value)
  }
}

/** The part of a lease that travels. */
export function checkFence(fence: unknown): Fence {
  if (typeof fence !== 'object' || fence === null) throw invalid('fence', 'a lease', fence)
  const { name, token } = fence as Partial<Fence>
  checkName(name, 'fence.name')
  checkInteger(token, 'fence.token', 1)
  return { name, token }
}

export function checkFunction(value: unknown, argument: string): void {
  if (typeof value !== 'function') throw invalid(argument, 'a function', value)
}
