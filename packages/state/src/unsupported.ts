import type { Capabilities } from './capabilities.ts'
import type { CounterStore, EntryStore, LockStore } from './adapter.ts'
import { UnsupportedError } from './errors.ts'

/** What stands in for a primitive that the adapter does not have: every call rejects with `UnsupportedError`. */
export function unsupported(primitive: keyof Capabilities, adapter: string): LockStore & CounterStore & EntryStore {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new UnsupportedError(
        `the ${adapter} adapter has no ${primitive}; choose another for them: adapter: { default: …, ${primitive}: … }`,
      ),
    )
  return {
    immediate: true,
    acquire: refuse,
    cancel: refuse,
    extend: refuse,
    release: refuse,
    inspect: refuse,
    listen: () => {},
    apply: refuse,
    applyAll: refuse,
    read: refuse,
  }
}
