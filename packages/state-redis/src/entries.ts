import {
  type Call,
  type ChangeList,
  type EntryChange,
  type EntryOutcome,
  type EntryStore,
  type EntryValue,
  errorFrom,
  type Failure,
  type Fence,
} from '@lockstep/state'
import type { Courier } from './courier.ts'
import { failureOf, isRefusal } from './failures.ts'
import type { Keys } from './keys.ts'
import { changeEntry } from './scripts/change-entry.ts'
import { readEntry } from './scripts/read-entry.ts'

export interface EntryStoreOptions {
  readonly courier: Courier
  readonly keys: Keys
  /** The id of this connection. */
  readonly client: string
}

export class RedisEntries implements EntryStore {
  readonly #courier: Courier
  readonly #keys: Keys
  readonly #client: string

  constructor({ courier, keys, client }: EntryStoreOptions) {
    this.#courier = courier
    this.#keys = keys
    this.#client = client
  }

  async apply(
    { name, sequence, changes }: ChangeList<EntryChange>,
    call: Call,
  ): Promise<readonly (EntryOutcome | Failure)[]> {
    const args: (string | number)[] = [this.#client, sequence]
    for (const change of changes) {
      if (change.kind === 'set') {
        const { value, ...rest } = change
        args.push(JSON.stringify(rest), value)
      } else {
        args.push(JSON.stringify(change))
      }
    }
    const answer = (await this.#courier.run(changeEntry, [this.#keys.of('entry', name)], args, call)) as string
    const words = answer.split(' ')
    return changes.map(({ fence }, index) => {
      const word = words[index] ?? ''
      if (isRefusal(word)) return failureOf(word, { name, fence, address: this.#courier.address })
      const [, applied, version] = word.split(',')
      return { applied: applied === '1', version: Number(version) }
    })
  }

  async read(name: string, fence: Fence | undefined, call: Call): Promise<EntryValue | null> {
    const args = fence === undefined ? [] : [JSON.stringify(fence)]
    const answer = await this.#courier.run(readEntry, [this.#keys.of('entry', name)], args, call)
    const [value, version, left] = answer as [string?, string?, (number | string)?]
    if (value === undefined) return null
    if (version === undefined) throw errorFrom(failureOf(value, { name, fence, address: this.#courier.address }))
    return { value, version: Number(version), expiresIn: Number(left) < 0 ? null : Number(left) }
  }
}
