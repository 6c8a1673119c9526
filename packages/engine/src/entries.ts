import type { ChangeList, EntryChange, EntryOutcome, EntryValue, Failure, Fence } from '@lockstep/state'
import { Fences } from './fences.ts'
import { deadlineAfter, timeLeft } from './lifetime.ts'
import type { EntryRecord } from './snapshot.ts'
import type { Tokens } from './tokens.ts'
import { Tombstones } from './tombstones.ts'
import { type Timed, unscheduled, Wheel } from './wheel.ts'

type Set = Extract<EntryChange, { kind: 'set' }>

interface Entry extends Timed<Entry> {
  readonly name: string
  value: string
  version: number
  /** The end that `maxLifetime` fixed; `Infinity`: none. */
  readonly end: number
}

/** Versioned values with a lifetime, their fences and tombstones. */
export class Entries {
  readonly fences: Fences
  readonly tombstones: Tombstones
  readonly #versions: Tokens
  readonly #entries: Map<string, Entry> = new Map()
  readonly #wheel: Wheel<Entry>

  constructor(versions: Tokens, fenceFloor: number, now: number) {
    this.fences = new Fences(fenceFloor, now, (name) => this.#entries.has(name))
    this.tombstones = new Tombstones(now)
    this.#versions = versions
    this.#wheel = new Wheel(now)
  }

  get size(): number {
    return this.#entries.size
  }

  apply({ name, changes }: ChangeList<EntryChange>, now: number, wall: number): (EntryOutcome | Failure)[] {
    return changes.map((change) => this.fences.pass(name, change.fence, now) ?? this.#change(name, change, now, wall))
  }

  /** Without a fence it changes nothing. */
  read(name: string, fence: Fence | undefined, now: number): EntryValue | Failure | null {
    const refusal = this.fences.pass(name, fence, now)
    if (refusal !== undefined) return refusal
    const entry = this.#entries.get(name)
    if (entry === undefined || entry.deadline <= now) return null
    return { value: entry.value, version: entry.version, expiresIn: timeLeft(entry.deadline, now) }
  }

  tick(now: number): void {
    this.#wheel.advance(now, (entry) => this.#remove(entry, now))
    this.tombstones.tick(now)
    this.fences.tick(now)
  }

  nextDeadline(): number {
    return Math.min(this.#wheel.nextDeadline(), this.tombstones.nextDeadline(), this.fences.nextDeadline())
  }

  *records(now: number): Iterable<EntryRecord> {
    for (const { name, value, version, deadline, end } of this.#entries.values()) {
      const expiresIn = timeLeft(deadline, now)
      yield { kind: 'entry', name, value, version, expiresIn, endsIn: timeLeft(end, now) }
    }
  }

  restore({ name, value, version, expiresIn, endsIn }: EntryRecord, now: number): void {
    this.#create(name, value, version, deadlineAfter(expiresIn, now), deadlineAfter(endsIn, now))
  }

  #change(name: string, change: EntryChange, now: number, wall: number): EntryOutcome {
    const entry = this.#live(name, now)
    if (change.kind === 'set') return this.#set(name, entry, change, now, wall)
    if (change.kind === 'touch') {
      if (entry !== undefined) this.#moveDeadline(entry, now + change.ttl)
      return { applied: entry !== undefined, version: entry?.version ?? 0 }
    }
    if (change.tombstone !== undefined) this.tombstones.raise(name, now + change.tombstone)
    if (entry !== undefined) this.#remove(entry, now)
    return { applied: entry !== undefined, version: 0 }
  }

  #set(name: string, entry: Entry | undefined, change: Set, now: number, wall: number): EntryOutcome {
    const present = entry?.version ?? 0
    if (change.ifVersion !== undefined && change.ifVersion !== present) return { applied: false, version: present }
    if (this.tombstones.refuses(name, now)) return { applied: false, version: 0 }
    const version = this.#versions.next(wall)
    const deadline = deadlineAfter(change.ttl, now)
    if (entry === undefined) {
      const end = deadlineAfter(change.maxLifetime, now)
      this.#create(name, change.value, version, Math.min(deadline, end), end)
    } else {
      entry.value = change.value
      entry.version = version
      this.#moveDeadline(entry, deadline)
    }
    return { applied: true, version }
  }

  #moveDeadline(entry: Entry, deadline: number): void {
    entry.deadline = Math.min(deadline, entry.end)
    this.#wheel.schedule(entry)
  }

  #live(name: string, now: number): Entry | undefined {
    const entry = this.#entries.get(name)
    if (entry === undefined || entry.deadline > now) return entry
    this.#remove(entry, now)
    return undefined
  }

  #create(name: string, value: string, version: number, deadline: number, end: number): void {
    const entry = { name, value, version, deadline, end, slot: unscheduled, previous: undefined, next: undefined }
    this.#entries.set(name, entry)
    this.#wheel.schedule(entry)
  }

  #remove(entry: Entry, now: number): void {
    this.#entries.delete(entry.name)
    this.#wheel.cancel(entry)
    this.fences.outlive(entry.name, now)
  }
}
