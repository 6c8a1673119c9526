import type { TombstoneRecord } from './snapshot.ts'
import { type Timed, unscheduled, Wheel } from './wheel.ts'

interface Tombstone extends Timed<Tombstone> {
  readonly name: string
}

/** Names that may not be set again until their tombstone ends. */
export class Tombstones {
  readonly #tombstones: Map<string, Tombstone> = new Map()
  readonly #wheel: Wheel<Tombstone>

  constructor(now: number) {
    this.#wheel = new Wheel(now)
  }

  get size(): number {
    return this.#tombstones.size
  }

  refuses(name: string, now: number): boolean {
    const tombstone = this.#tombstones.get(name)
    return tombstone !== undefined && tombstone.deadline > now
  }

  /** Never shortens one that stands. */
  raise(name: string, deadline: number): void {
    const standing = this.#tombstones.get(name)
    if (standing !== undefined) {
      standing.deadline = Math.max(standing.deadline, deadline)
      return
    }
    const tombstone = { name, deadline, slot: unscheduled, previous: undefined, next: undefined }
    this.#tombstones.set(name, tombstone)
    this.#wheel.schedule(tombstone)
  }

  tick(now: number): void {
    this.#wheel.advance(now, ({ name }) => this.#tombstones.delete(name))
  }

  nextDeadline(): number {
    return this.#wheel.nextDeadline()
  }

  *records(now: number): Iterable<TombstoneRecord> {
    for (const { name, deadline } of this.#tombstones.values()) {
      yield { kind: 'tombstone', name, expiresIn: deadline - now }
    }
  }

  restore({ name, expiresIn }: TombstoneRecord, now: number): void {
    this.raise(name, now + expiresIn)
  }
}
