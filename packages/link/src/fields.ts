import { ProtocolError } from './protocol.ts'

/** What the codec is made of: plain JSON without objects, except for failures. */
export type Wire = number | string | boolean | null | readonly Wire[]

/** A thing that is being read field by field. */
export type Draft<T> = { -readonly [K in keyof T]: T[K] }

const MAX_NAME = 191

/**
 * Reads the fields of an array one after the other and throws a `ProtocolError` at the first that is not what it should
 * be, so that nothing ill-formed gets past the codec.
 */
export class Fields {
  readonly #values: readonly unknown[]
  #next = 0

  constructor(value: unknown) {
    if (!Array.isArray(value)) throw new ProtocolError('expected an array')
    this.#values = value
  }

  get left(): number {
    return this.#values.length - this.#next
  }

  /** Any value, for the caller to look at. */
  any(): unknown {
    return this.#values[this.#next++]
  }

  /** Steps over a field that was left out: `null`, or past the end. */
  absent(): boolean {
    const value = this.#values[this.#next]
    if (value !== null && value !== undefined) return false
    this.#next++
    return true
  }

  string(limit: number): string {
    const value = this.any()
    if (typeof value !== 'string' || value.length > limit) {
      throw new ProtocolError(`expected a string of at most ${limit} characters`)
    }
    return value
  }

  /** A name of the contract, or an id of the same size. */
  name(): string {
    const value = this.string(MAX_NAME)
    if (value === '') throw new ProtocolError('expected a name')
    return value
  }

  /** A whole number that is exact. */
  whole(): number {
    const value = this.any()
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new ProtocolError('expected a whole number')
    return value
  }

  /** A whole number from 0: a token, a version, a sequence. */
  count(): number {
    const value = this.whole()
    if (value < 0) throw new ProtocolError('expected a whole number from 0')
    return value
  }

  /** Milliseconds. */
  duration(): number {
    const value = this.any()
    if (typeof value !== 'number' || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) {
      throw new ProtocolError('expected milliseconds')
    }
    return value
  }

  /** `true` or `false`. */
  flag(): boolean {
    const value = this.any()
    if (typeof value !== 'boolean') throw new ProtocolError('expected true or false')
    return value
  }

  /** Nothing may be left: a field that this version does not know may be one that matters. */
  end(): void {
    if (this.left > 0) throw new ProtocolError('unexpected fields')
  }
}

/** The same fields without the `null`s at their end. */
export function trimmed(fields: Wire[]): readonly Wire[] {
  let { length } = fields
  while (length > 0 && fields[length - 1] === null) length--
  fields.length = length
  return fields
}
