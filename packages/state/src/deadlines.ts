import { monotonic } from './clock.ts'
import type { Turn } from './turn.ts'

/**
 * The deadlines of many calls on one timer, which is set when there is a nearer deadline and not cleared for every call that is answered. Calls of one turn
 * with the same timeout share a group. The timer keeps no process alive: what the calls wait for does.
 */
export class Deadlines<Item> {
  readonly #turn: Turn
  readonly #expire: (item: Item) => void
  /** By timeout, the groups with calls that are not settled; those of one timeout are in the order of their deadlines. */
  readonly #groups = new Map<number, Set<DeadlineGroup<Item>>>()
  /** By timeout, the groups that calls of this turn join; and the one that was joined last, which is most often the next one too. */
  #current = new Map<number, DeadlineGroup<Item>>()
  #last: DeadlineGroup<Item> | undefined
  #timer: NodeJS.Timeout | undefined
  /** When the timer fires, on `monotonic()`. */
  #due = Number.POSITIVE_INFINITY

  /** `expire` is told each item whose deadline has passed, settled ones of its group included. */
  constructor(turn: Turn, expire: (item: Item) => void) {
    this.#turn = turn
    this.#expire = expire
  }

  /** The group of this turn for calls that may take `timeout` milliseconds. */
  group(timeout: number): DeadlineGroup<Item> {
    if (this.#last?.timeout !== timeout) this.#last = this.#current.get(timeout) ?? this.#open(timeout)
    return this.#last
  }

  #open(timeout: number): DeadlineGroup<Item> {
    let groups = this.#groups.get(timeout)
    if (groups === undefined) this.#groups.set(timeout, (groups = new Set()))
    const group = new DeadlineGroup<Item>(timeout, groups)
    if (this.#current.size === 0) this.#turn.fold(this.#endTurn)
    this.#current.set(timeout, group)
    this.#arm(group.deadline)
    return group
  }

  readonly #endTurn = (): void => {
    this.#current = new Map()
    this.#last = undefined
  }

  #arm(due: number): void {
    if (due >= this.#due) return
    clearTimeout(this.#timer)
    this.#due = due
    this.#timer = setTimeout(this.#look, Math.max(0, due - monotonic()))
    this.#timer.unref()
  }

  readonly #look = (): void => {
    this.#due = Number.POSITIVE_INFINITY
    const now = monotonic()
    for (const groups of this.#groups.values()) {
      for (const group of groups) {
        if (group.deadline > now) {
          this.#arm(group.deadline)
          break
        }
        groups.delete(group)
        for (const item of group.items) this.#expire(item)
      }
    }
  }
}

/** Calls with one deadline. */
export class DeadlineGroup<Item> {
  readonly timeout: number
  /** On `monotonic()`. */
  readonly deadline: number
  readonly items: Item[] = []
  readonly #groups: Set<DeadlineGroup<Item>>
  #unsettled = 0

  constructor(timeout: number, groups: Set<DeadlineGroup<Item>>) {
    this.timeout = timeout
    this.deadline = monotonic() + timeout
    this.#groups = groups
  }

  join(item: Item): void {
    if (this.#unsettled === 0) this.#groups.add(this)
    this.items.push(item)
    this.#unsettled += 1
  }

  /** One of the items is settled. */
  leave(): void {
    this.#unsettled -= 1
    if (this.#unsettled === 0) this.#groups.delete(this)
  }
}
