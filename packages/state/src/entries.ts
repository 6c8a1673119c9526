import type { EntryChange, EntryOutcome, EntryStore, EntryValue, Fence } from './adapter.ts'
import type { EntryCapabilities } from './capabilities.ts'
import { checkDuration, checkInteger, checkName, invalid } from './checks.ts'
import { fenceOf, type FencedOptions } from './fences.ts'
import { Requests } from './requests.ts'
import { TypedEntries } from './typed-entries.ts'
import type { Turn } from './turn.ts'

export interface SetEntryOptions extends FencedOptions {
  /** Milliseconds. Without it the entry stays until it is deleted, or until `maxLifetime` ends. */
  readonly ttl?: number | undefined
  /** Milliseconds, from the moment the entry comes into being: an end that no later set or touch can move. */
  readonly maxLifetime?: number | undefined
  /** Apply only if the entry stands at this version; 0: only if there is none. */
  readonly ifVersion?: number | undefined
}

export interface DeleteEntryOptions extends FencedOptions {
  /** Milliseconds for which `set` of this name is refused. */
  readonly tombstone?: number | undefined
}

/** The size limit of a value, in bytes of UTF-8. */
const maxValueBytes = 1_048_576

/** Versioned values with a lifetime. Versions grow with every set and never repeat for a name. Times are milliseconds. */
export class Entries {
  readonly #store: EntryStore
  readonly #capabilities: EntryCapabilities | false
  readonly #requests: Requests<EntryChange, EntryOutcome>

  constructor(store: EntryStore, capabilities: EntryCapabilities | false, turn: Turn) {
    this.#store = store
    this.#capabilities = capabilities
    this.#requests = new Requests(store, turn, (change) => (change.kind === 'set' ? change.value.length : 0))
  }

  /** `null` when absent or expired. Linearizable. */
  async get(name: string, options: FencedOptions = {}): Promise<EntryValue | null> {
    const fence = this.#fence(options)
    return await this.#requests.read(name, (call) => this.#store.read(name, fence, call), options)
  }

  /**
   * `applied: false` (another version stands, or a tombstone) changes nothing; `version` is the version as it stands, 0 for none. Values are well-formed
   * strings of at most 1 MiB.
   */
  async set(name: string, value: string, options: SetEntryOptions = {}): Promise<EntryOutcome> {
    checkValue(value)
    const { ttl, maxLifetime, ifVersion } = options
    if (ttl !== undefined) checkDuration(ttl, 'ttl')
    if (maxLifetime !== undefined) checkDuration(maxLifetime, 'maxLifetime')
    if (ifVersion !== undefined) checkInteger(ifVersion, 'ifVersion', 0)
    const change: EntryChange = { kind: 'set', value, ttl, maxLifetime, ifVersion, fence: this.#fence(options) }
    return await this.#requests.change(name, change, options)
  }

  /** Let the entry last `ttl` from now, within its `maxLifetime`; its version stays. `false`: there is none. */
  async touch(name: string, ttl: number, options: FencedOptions = {}): Promise<boolean> {
    checkDuration(ttl, 'ttl')
    return (await this.#requests.change(name, { kind: 'touch', ttl, fence: this.#fence(options) }, options)).applied
  }

  /** `true`: there was one. A tombstone is left in either case. */
  async delete(name: string, options: DeleteEntryOptions = {}): Promise<boolean> {
    const { tombstone } = options
    if (tombstone !== undefined) checkDuration(tombstone, 'tombstone')
    const change: EntryChange = { kind: 'delete', tombstone, fence: this.#fence(options) }
    return (await this.#requests.change(name, change, options)).applied
  }

  /** The same calls for JSON values of one type, under a prefix. `ttl` (milliseconds) is the default of its `set`. */
  open<T>(prefix: string, options: { readonly ttl?: number | undefined } = {}): TypedEntries<T> {
    checkName(prefix, 'prefix')
    if (options.ttl !== undefined) checkDuration(options.ttl, 'ttl')
    return new TypedEntries<T>(this, prefix, options.ttl)
  }

  /** Take no more changes; resolves when nothing is under way. */
  close(): Promise<void> {
    return this.#requests.close()
  }

  #fence(options: FencedOptions): Fence | undefined {
    return fenceOf(options, this.#capabilities)
  }
}

function checkValue(value: unknown): asserts value is string {
  if (typeof value !== 'string') throw invalid('value', 'a string', value)
  if (!value.isWellFormed()) throw invalid('value', 'well-formed text', value)
  if (value.length * 3 > maxValueBytes && Buffer.byteLength(value) > maxValueBytes) {
    throw invalid('value', `at most ${maxValueBytes} bytes of UTF-8`, value)
  }
}
