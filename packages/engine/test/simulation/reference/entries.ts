import type { EntryChange, EntryOutcome, EntryValue, Failure, Fence } from '@lockstep/state'
import type { Coverage } from '../coverage.ts'
import { pass } from './fences.ts'
import { left, type Memory } from './memory.ts'

/** Versioned values as the contract has them. */
export class ReferenceEntries {
  readonly #memory: Memory
  readonly #coverage: Coverage
  readonly #applied: (change: object) => void
  readonly #version: () => number

  /** `applied` is told every change that is; `version` gives the next one. */
  constructor(memory: Memory, coverage: Coverage, applied: (change: object) => void, version: () => number) {
    this.#memory = memory
    this.#coverage = coverage
    this.#applied = applied
    this.#version = version
  }

  read(name: string, fence: Fence | undefined, now: number): EntryValue | Failure | null {
    const refusal = this.#pass(name, fence)
    if (refusal !== undefined) return refusal
    const entry = this.#entry(name, now)
    if (entry === undefined) return null
    return { value: entry.value, version: entry.version, expiresIn: left(entry.end, now) }
  }

  change(name: string, change: EntryChange, now: number): EntryOutcome | Failure {
    const refusal = this.#pass(name, change.fence)
    if (refusal !== undefined) return refusal
    const entry = this.#entry(name, now)
    const version = entry?.version ?? 0
    switch (change.kind) {
      case 'set': {
        if (change.ifVersion !== undefined && change.ifVersion !== version) return { applied: false, version }
        if (this.#memory.tombstones.some((each) => each.name === name && each.end > now)) {
          this.#coverage.count('tombstones in the way')
          return { applied: false, version: 0 }
        }
        this.#applied(change)
        const next = this.#version()
        const end = now + (change.ttl ?? Infinity)
        if (entry !== undefined) {
          Object.assign(entry, { value: change.value, version: next, end: Math.min(end, entry.lastEnd) })
        } else {
          const lastEnd = now + (change.maxLifetime ?? Infinity)
          this.#memory.entries.push({ name, value: change.value, version: next, end: Math.min(end, lastEnd), lastEnd })
        }
        return { applied: true, version: next }
      }
      case 'touch':
        if (entry === undefined) return { applied: false, version: 0 }
        this.#applied(change)
        entry.end = Math.min(now + change.ttl, entry.lastEnd)
        return { applied: true, version }
      case 'delete':
        if (entry !== undefined) this.#applied(change)
        this.#memory.entries = this.#memory.entries.filter((each) => each !== entry)
        if (change.tombstone !== undefined) this.#memory.tombstones.push({ name, end: now + change.tombstone })
        return { applied: entry !== undefined, version: 0 }
    }
  }

  #entry(name: string, now: number): Memory['entries'][number] | undefined {
    const entry = this.#memory.entries.find((each) => each.name === name)
    if (entry === undefined || entry.end > now) return entry
    this.#coverage.count('entries expired')
    this.#memory.entries = this.#memory.entries.filter((each) => each !== entry)
    return undefined
  }

  #pass(name: string, fence: Fence | undefined): Failure | undefined {
    return pass(this.#memory, this.#coverage, [`entry ${name}`], fence)
  }
}
