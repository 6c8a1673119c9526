import type { AcquireAnswer, EntryOutcome, Fence } from '@lockstep/state'
import type { Answer, Command } from '../../src/index.ts'
import { isFailure } from './call.ts'
import { violated } from './violation.ts'

/** Watches over what must grow, across restarts as well, without knowing how the store does it. */
export class Witness {
  /** By lock: the highest token granted or reserved. */
  readonly #tokens: Map<string, number> = new Map()
  /** By lock: the token of the present or last grant. */
  readonly #granted: Map<string, number> = new Map()
  readonly #versions: Map<string, number> = new Map()
  /** By resource and lock: the highest token let through. */
  readonly #fences: Map<string, number> = new Map()
  /** By entry: the version that it was last set to, as far as this host remembers. */
  readonly #present: Map<string, number> = new Map()
  /** Commands that were carried out: the same one, sent again, is answered as it was. */
  readonly #seen: Set<Command> = new Set()
  /** Of all tokens and versions there ever were: they go on being used, whatever the clock does. */
  #highest = 0
  #started = 0

  /**
   * A host that knows nothing starts at this time. `false`: its wall clock was set back further than the outage, and what
   * came before counts no more (contract, Locks 2).
   */
  begin(wall: number): boolean {
    this.#started = wall
    this.#granted.clear()
    this.#present.clear()
    if (wall > this.#highest) return true
    this.#clear()
    return false
  }

  /** A host starts with a state of an earlier time: the marks since are lost, and so is its word on what was refused. */
  forget(wall: number): void {
    this.#granted.clear()
    this.#present.clear()
    this.#fences.clear()
    this.#started = 0
    if (wall <= this.#highest) this.#clear()
  }

  see(command: Command, answer: unknown, failed: boolean): void {
    if (failed || this.#seen.has(command)) return
    if ('sequence' in command) this.#seen.add(command)
    switch (command.op) {
      case 'acquire':
        return this.#acquired(command, answer as AcquireAnswer)
      case 'changeCounter':
      case 'changeEntry':
        if (!Array.isArray(answer)) return violated('a list of changes was given the answer of something else')
        for (const [index, outcome] of (answer as readonly object[]).entries()) {
          const change = command.changes[index]
          if (isFailure(outcome) || change === undefined) continue
          // An operation on record is answered before its fence is looked at.
          if (!('operationId' in change && change.operationId !== undefined)) this.#passed(command, change.fence)
          if (change.kind === 'set' && command.op === 'changeEntry') this.#set(command.name, outcome as EntryOutcome)
        }
        return
      case 'readCounter':
        return this.#passed(command, command.fence)
      case 'readEntry': {
        this.#passed(command, command.fence)
        const version = (answer as Answer<'readEntry'> as { version: number } | null)?.version ?? Infinity
        if (version < (this.#present.get(command.name) ?? 0)) violated('an older version of an entry came back')
      }
    }
  }

  #acquired({ name, reserve = 0 }: Command<'acquire'>, answer: AcquireAnswer): void {
    if (!answer.granted || answer.token === this.#granted.get(name)) return
    const last = this.#tokens.get(name) ?? 0
    if (answer.token <= last) violated(`lock ${name} was granted with token ${answer.token}, after ${last}`)
    if (answer.token >= 2 ** 53) violated('a token is not exact')
    this.#granted.set(name, answer.token)
    this.#tokens.set(name, answer.token + reserve)
    this.#highest = Math.max(this.#highest, answer.token + reserve)
  }

  #set(name: string, { applied, version }: EntryOutcome): void {
    if (!applied) return
    const last = this.#versions.get(name) ?? 0
    if (version <= last) violated(`entry ${name} was given version ${version}, after ${last}`)
    this.#versions.set(name, version)
    this.#present.set(name, version)
    this.#highest = Math.max(this.#highest, version)
  }

  #passed({ op, name }: { op: Command['op']; name: string }, fence: Fence | undefined): void {
    if (fence === undefined) return
    const key = `${op === 'readEntry' || op === 'changeEntry' ? 'entry' : 'counter'} ${name} ${fence.name}`
    const mark = Math.max(this.#fences.get(key) ?? 0, this.#started)
    if (fence.token < mark) violated(`${key}: the stale token ${fence.token} passed, after ${mark}`)
    this.#fences.set(key, fence.token)
  }

  #clear(): void {
    this.#tokens.clear()
    this.#versions.clear()
    this.#fences.clear()
  }
}
