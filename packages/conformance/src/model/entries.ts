import type { EntryChange, EntryOutcome, EntryValue, Failure, Fence } from '@lockstep/state'
import type { Fences } from './fences.ts'
import { endAfter, left, type Time } from './time.ts'
import type { Tokens } from './tokens.ts'

type Set = Extract<EntryChange, { kind: 'set' }>

interface Entry {
  readonly name: string
  value: string
  version: number
  endsAt: number
  /** Fixed when the entry came into being; nothing moves `endsAt` past it. */
  readonly lastEnd: number
}

/** Entries: versioned values with a lifetime. */
export class EntryModel {
  readonly #tokens: Tokens
  readonly #fences: Fences
  #entries: Entry[] = []
  #tombstones: { readonly name: string; readonly endsAt: number }[] = []

  constructor(tokens: Tokens, fences: Fences) {
    this.#tokens = tokens
    this.#fences = fences
  }

  change(name: string, change: EntryChange, time: Time): EntryOutcome | Failure {
    return this.#fences.judge([mark(name)], change.fence) ?? this.#change(name, change, time)
  }

  read(name: string, fence: Fence | undefined, time: Time): EntryValue | null | Failure {
    const failure = this.#fences.judge([mark(name)], fence)
    if (failure !== undefined) return failure
    const entry = this.#find(name, time)
    return entry === undefined
      ? null
      : { value: entry.value, version: entry.version, expiresIn: left(entry.endsAt, time) }
  }

  /** The version as it stands; 0: no entry. */
  version(name: string, time: Time): number {
    return this.#find(name, time)?.version ?? 0
  }

  #change(name: string, change: EntryChange, time: Time): EntryOutcome {
    const entry = this.#find(name, time)
    switch (change.kind) {
      case 'set': {
        const expected = change.ifVersion ?? entry?.version ?? 0
        const applied = !this.#isBuried(name, time) && expected === (entry?.version ?? 0)
        if (applied) this.#set(name, change, time)
        return { applied, version: this.version(name, time) }
      }
      case 'touch':
        if (entry !== undefined) entry.endsAt = Math.min(time.now + change.ttl, entry.lastEnd)
        return { applied: entry !== undefined, version: this.version(name, time) }
      case 'delete':
        this.#entries = this.#entries.filter((other) => other !== entry)
        if (change.tombstone !== undefined) this.#tombstones.push({ name, endsAt: time.now + change.tombstone })
        return { applied: entry !== undefined, version: 0 }
    }
  }

  #set(name: string, { value, ttl, maxLifetime }: Set, time: Time): void {
    const entry = this.#find(name, time)
    const version = this.#tokens.next(time)
    const lastEnd = entry?.lastEnd ?? endAfter(maxLifetime, time)
    const endsAt = Math.min(endAfter(ttl, time), lastEnd)
    if (entry === undefined) this.#entries.push({ name, value, version, endsAt, lastEnd })
    else Object.assign(entry, { value, version, endsAt })
  }

  #isBuried(name: string, { now }: Time): boolean {
    return this.#tombstones.some((tombstone) => tombstone.name === name && tombstone.endsAt > now)
  }

  #find(name: string, { now }: Time): Entry | undefined {
    this.#entries = this.#entries.filter(({ endsAt }) => endsAt > now)
    return this.#entries.find((entry) => entry.name === name)
  }
}

function mark(name: string): string {
  return `entry ${name}`
}
