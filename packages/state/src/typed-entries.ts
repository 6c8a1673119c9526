import { show } from './checks.ts'
import type { DeleteEntryOptions, Entries, SetEntryOptions } from './entries.ts'
import type { EntryOutcome } from './adapter.ts'
import { InvalidArgumentError } from './errors.ts'
import type { FencedOptions } from './fences.ts'

export interface TypedEntryValue<T> {
  readonly value: T
  readonly version: number
  /** Milliseconds; `null`: no end. */
  readonly expiresIn: number | null
}

/** Entries whose values are JSON of one type, under a prefix. The type is the caller's word: nothing checks it when a value is read. */
export class TypedEntries<T> {
  readonly #entries: Entries
  readonly #prefix: string
  readonly #ttl: number | undefined

  constructor(entries: Entries, prefix: string, ttl: number | undefined) {
    this.#entries = entries
    this.#prefix = prefix
    this.#ttl = ttl
  }

  /** `null` when absent or expired. */
  async get(name: string, options?: FencedOptions): Promise<TypedEntryValue<T> | null> {
    const entry = await this.#entries.get(this.#prefix + name, options)
    return entry && { ...entry, value: JSON.parse(entry.value) as T }
  }

  /** As `entries.set`. Rejects with `InvalidArgumentError` what JSON cannot hold: a cycle, a BigInt, `undefined`, a function. */
  async set(name: string, value: T, options?: SetEntryOptions): Promise<EntryOutcome> {
    return this.#entries.set(this.#prefix + name, encode(value), { ttl: this.#ttl, ...options })
  }

  touch(name: string, ttl: number, options?: FencedOptions): Promise<boolean> {
    return this.#entries.touch(this.#prefix + name, ttl, options)
  }

  delete(name: string, options?: DeleteEntryOptions): Promise<boolean> {
    return this.#entries.delete(this.#prefix + name, options)
  }
}

function encode(value: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(value)
  } catch (cause) {
    throw new InvalidArgumentError(`value must be JSON, got ${show(value)}`, { cause })
  }
  if (json === undefined) throw new InvalidArgumentError(`value must be JSON, got ${show(value)}`)
  return json
}
