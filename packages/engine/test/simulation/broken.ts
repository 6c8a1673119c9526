import type { Answer, Command, EngineOptions, SnapshotRecord, Time } from '../../src/index.ts'
import { Engine } from '../../src/index.ts'
import { rules, type Machine, type Rules } from './rules.ts'

/** Passes everything on to an engine; a control breaks one of the methods. */
class Bent implements Machine {
  readonly engine: Engine
  readonly options: EngineOptions

  constructor(options: EngineOptions, records?: readonly SnapshotRecord[]) {
    this.options = options
    this.engine = records === undefined ? new Engine(options) : Engine.restore(records, options)
  }

  execute: Machine['execute'] = (client, command, time) => this.engine.execute(client, command, time)

  dropClient(client: string, time: Time, how?: { readonly keepLeases?: boolean }): void {
    this.engine.dropClient(client, time, how)
  }

  tick(time: Time): void {
    this.engine.tick(time)
  }

  nextDeadline(): number {
    return this.engine.nextDeadline()
  }

  snapshot(time: Time): SnapshotRecord[] {
    return this.engine.snapshot(time)
  }

  stats(): ReturnType<Engine['stats']> {
    return this.engine.stats()
  }
}

/** An engine whose every command is put otherwise. */
function asking(put: (client: string, command: Command, time: Time) => [string, Command, Time]): Partial<Rules> {
  class Asking extends Bent {
    override execute: Machine['execute'] = (client, command, time) =>
      this.engine.execute(...put(client, command as Command, time)) as never
  }
  return bent(Asking)
}

function bent(Kind: new (options: EngineOptions, records?: readonly SnapshotRecord[]) => Machine): Partial<Rules> {
  return { start: (options) => new Kind(options), restore: (records, options) => new Kind(options, records) }
}

/** Remembers who holds each lock. */
class WithoutOwnerCheck extends Bent {
  readonly #holders: Map<string, readonly [client: string, owner: string]> = new Map()

  override execute: Machine['execute'] = (client, command, time) => {
    if (command.op === 'release' || command.op === 'cancel') {
      const { name } = command as unknown as Command<'release'>
      const [holder, owner] = this.#holders.get(name) ?? [client, '']
      return this.engine.execute(holder, { op: 'release', name, owner } as never, time)
    }
    const answer = this.engine.execute(client, command, time)
    if (command.op === 'acquire' && (answer as Answer<'acquire'>).granted) {
      const { name, owner } = command as unknown as Command<'acquire'>
      this.#holders.set(name, [client, owner])
    }
    return answer
  }
}

class CountingTokens extends Bent {
  #last = 0
  readonly #given: Map<number, number> = new Map()

  override execute: Machine['execute'] = (client, command, time) => {
    const answer = this.engine.execute(client, command, time)
    if (command.op !== 'acquire' || !(answer as Answer<'acquire'>).granted) return answer
    const { token } = answer as { token: number }
    if (!this.#given.has(token)) this.#given.set(token, (this.#last += 1))
    return { ...(answer as object), token: this.#given.get(token) } as never
  }
}

/** Whoever asks for a lock that is offered to somebody else has it. */
class OfferToAnybody extends Bent {
  readonly #offered: Map<string, readonly [client: string, owner: string]> = new Map()

  constructor(options: EngineOptions, records?: readonly SnapshotRecord[]) {
    const heard: { tell?: (client: string, owner: string) => void } = {}
    const onOffer = (client: string, owner: string): void => {
      heard.tell?.(client, owner)
      options.onOffer(client, owner)
    }
    super({ ...options, onOffer }, records)
    heard.tell = (client, owner) => this.#offered.set(owner, [client, owner])
  }

  override execute: Machine['execute'] = (client, command, time) => {
    const answer = this.engine.execute(client, command, time)
    if (command.op !== 'acquire' || (answer as Answer<'acquire'>).granted) return answer
    const { name } = command as unknown as Command<'acquire'>
    for (const [offeredTo, owner] of this.#offered.values()) {
      this.engine.execute(offeredTo, { op: 'cancel', name, owner } as never, time)
    }
    return this.engine.execute(client, command, time)
  }
}

class KeepsDeadWaiters extends Bent {
  readonly #owners: Map<string, Set<Command<'release'>>> = new Map()

  override execute: Machine['execute'] = (client, command, time) => {
    if (command.op === 'acquire') {
      const { name, owner } = command as unknown as Command<'acquire'>
      const owned = this.#owners.get(client) ?? new Set()
      this.#owners.set(client, owned.add({ op: 'release', name, owner }))
    }
    return this.engine.execute(client, command, time)
  }

  override dropClient(client: string, time: Time, { keepLeases = false } = {}): void {
    if (keepLeases) return
    for (const command of this.#owners.get(client) ?? []) this.engine.execute(client, command, time)
  }
}

class WithoutFloor extends Bent {
  constructor({ started, ...options }: EngineOptions, records?: readonly SnapshotRecord[]) {
    super({ ...options, started: { ...started, wall: 1 } }, records)
  }
}

/** Forgets the records of this kind when it is restored. */
function forgetting(kind: SnapshotRecord['kind']): Partial<Rules> {
  return {
    restore: (records, options) =>
      new Bent(
        options,
        records.filter((record) => record.kind !== kind),
      ),
  }
}

class SilentOffers extends Bent {
  constructor(options: EngineOptions, records?: readonly SnapshotRecord[]) {
    super({ ...options, onOffer: () => {} }, records)
  }
}

class ForgetsToTick extends Bent {
  override tick(): void {}
}

class TokensBelowFloor extends Bent {
  override execute: Machine['execute'] = (client, command, time) => {
    const answer = this.engine.execute(client, command, time)
    if (command.op !== 'acquire' || !(answer as Answer<'acquire'>).granted) return answer
    const { token } = answer as { token: number }
    // What the clock says now, though it was set back.
    return { ...(answer as object), token: Math.min(token, time.wall) } as never
  }
}

const faster = ({ now, wall }: Time): Time => ({ now: now * 1.1, wall })

/** Each breaks one rule, and has to be found out. */
export const broken: readonly (readonly [what: string, Partial<Rules>])[] = [
  ['an engine that lets anybody release a lock', bent(WithoutOwnerCheck)],
  ['an engine that gives tokens by counting from 1', bent(CountingTokens)],
  ['an engine whose tokens follow a clock that was set back', bent(TokensBelowFloor)],
  ['an engine whose offers are open to anybody', bent(OfferToAnybody)],
  ['an engine that tells nobody of an offer', bent(SilentOffers)],
  ['an engine that does nothing when it ticks', bent(ForgetsToTick)],
  ['an engine that keeps the waiters of a dead client', bent(KeepsDeadWaiters)],
  ['an engine that lets leases end early', asking((client, command, time) => [client, command, faster(time)])],
  [
    'an engine that does not know a repeat by its sequence',
    asking((client, command, time) => [client, 'sequence' in command ? { ...command, sequence: 0 } : command, time]),
  ],
  [
    'an engine that ignores the bounds of a change',
    asking((client, command, time) => {
      if (command.op !== 'changeCounter') return [client, command, time]
      const changes = command.changes.map((change) =>
        change.kind === 'add' ? { ...change, min: undefined, max: undefined } : change,
      )
      return [client, { ...command, changes }, time]
    }),
  ],
  [
    'an engine that ignores fences',
    asking((client, command, time) => {
      if (command.op !== 'readCounter') return [client, command, time]
      return [client, { op: command.op, name: command.name }, time]
    }),
  ],
  ['an engine that takes fences from before its start', bent(WithoutFloor)],
  ['a snapshot without sequence records', forgetting('counterSequence')],
  ['a snapshot without locks', forgetting('lock')],
  ['a snapshot without fence marks', forgetting('counterFence')],
  ['a snapshot without operations', forgetting('operation')],
  ['a lease that counts from the reply', { leaseCountsFrom: 'reply' }],
  ['a lease without a margin', { margin: () => 0 }],
  ['a client that keeps its leases when it loses the link', { linkLosesLeases: false }],
  ['a host that applies what comes after its deadline', { hostRefusesLate: false }],
  ['a host that frees the leases of a stream it has cut', { cutKeepsLeases: false }],
  ['a client that repeats on an empty host what it sent to the one before', { newHostGetsNoRepeat: false }],
  ['a client with several lists of one name under way', { oneListUnderWay: false }],
]

export function withBroken(some: Partial<Rules>): Rules {
  return { ...rules, ...some }
}
