import type { Command, Engine, Time } from '../../src/index.ts'
import { isFailure } from './call.ts'
import { operationRetention } from './change.ts'
import type { Connection, ToHost } from './connection.ts'
import type { Coverage } from './coverage.ts'
import { Log } from './log.ts'
import { Reference } from './reference/reference.ts'
import type { Machine, Rules } from './rules.ts'
import { same } from './same.ts'
import { violated } from './violation.ts'
import { Witness } from './witness.ts'

/** Milliseconds for which a client whose connection was lost can come back as the same. */
const departedKeptFor = 120_000

interface Departure {
  readonly client: string
  readonly at: number
}

/** What a host finds when it starts. */
export type Beginning = 'empty' | 'snapshot' | 'snapshot and log'

interface Clocks {
  readonly coverage: Coverage
  time(): Time
}

/** The host's side of the link over a real engine. Every answer of the engine is held against the reference. */
export class Host {
  readonly #clocks: Clocks
  readonly #rules: Rules
  readonly #coverage: Coverage
  readonly reference: Reference
  readonly witness: Witness = new Witness()
  #engine: Machine
  #alive = true
  /** When the timer fires, in monotonic milliseconds. */
  due = Infinity
  readonly connections: Connection[] = []
  #departed: Departure[] = []
  #identities = 0
  readonly #offers: string[] = []
  readonly #expectedOffers: string[] = []
  #log: Log | undefined
  #saved: ReturnType<Reference['save']> | undefined

  constructor(clocks: Clocks, rules: Rules) {
    this.#clocks = clocks
    this.#coverage = clocks.coverage
    this.#rules = rules
    const started = clocks.time()
    this.reference = new Reference(started, clocks.coverage, (client, owner) => {
      this.#expectedOffers.push(`${client} ${owner}`)
      this.#clocks.coverage.count('offers')
    })
    this.#engine = rules.start(this.#options(started))
    this.witness.begin(started.wall)
  }

  get alive(): boolean {
    return this.#alive
  }

  get lineage(): number {
    return this.reference.lineage
  }

  get stats(): ReturnType<Engine['stats']> {
    return this.#engine.stats()
  }

  get hasSnapshot(): boolean {
    return this.#log !== undefined
  }

  connect(connection: Connection): void {
    this.connections.push(connection)
  }

  /** Read one message of this connection. */
  receive(connection: Connection): void {
    const message = connection.toHost.shift()
    if (message === undefined) return
    this.#handle(connection, message)
    this.#endTurn()
  }

  tick(): void {
    const time = this.#clocks.time()
    this.#coverage.count(
      time.now < this.due ? 'ticks early' : time.now < this.due + 16 ? 'ticks in time' : 'ticks late',
    )
    this.#engine.tick(time)
    this.#log?.tick(time)
    this.reference.tick(time)
    this.#endTurn()
  }

  /** The host ends this connection by itself; `arriving` of its messages still reach the client. */
  cut(connection: Connection, arriving: number): void {
    if (!connection.hostOpen) return
    this.#coverage.count('connections cut by the host')
    connection.closeByHost(arriving)
    this.#left(connection, true)
    this.#endTurn()
  }

  /** One command that comes from no worker. */
  ask(client: string, command: Command): unknown {
    const answer = this.#execute(client, command, this.#clocks.time())
    this.#endTurn()
    return answer
  }

  snapshot(): void {
    const time = this.#clocks.time()
    this.#coverage.count('snapshots')
    this.#log?.verify(this.#engine, time, this.#rules)
    this.#log = new Log(this.#engine.snapshot(time), time)
    this.#saved = this.reference.save(time)
  }

  /** What the engine did since the last snapshot, done again, gives the same engine. */
  verifyLog(): void {
    if (this.#log === undefined) return
    this.#log.verify(this.#engine, this.#clocks.time(), this.#rules)
    this.#coverage.count('logs replayed')
  }

  kill(arriving: () => number): void {
    this.#coverage.count('hosts killed')
    this.#alive = false
    this.due = Infinity
    for (const connection of this.connections) connection.closeByHost(arriving())
    this.connections.length = 0
    this.#departed = []
  }

  start(beginning: Beginning): void {
    const started = this.#clocks.time()
    this.#alive = true
    const log = this.#log
    const saved = this.#saved
    if (beginning === 'empty' || log === undefined || saved === undefined) {
      this.#coverage.count('hosts started empty')
      this.#engine = this.#rules.start(this.#options(started))
      this.reference.restart(started)
      this.#log = undefined
      if (!this.witness.begin(started.wall)) this.#coverage.count('restarts with the clock set back')
    } else if (beginning === 'snapshot') {
      this.#coverage.count('hosts restored from a snapshot')
      this.#engine = this.#rules.restore(log.records, this.#options(started))
      this.reference.restore(saved, log.momentFor(started), started)
      this.#log = undefined
      this.witness.forget(started.wall)
    } else {
      this.#coverage.count('hosts restored from snapshot and log')
      this.#engine = log.replay(this.#rules, this.#options(log.began))
    }
    this.#offers.length = 0
    this.#endTurn()
  }

  #options(started: Time) {
    const onOffer = (client: string, owner: string): void => {
      this.#offers.push(`${client} ${owner}`)
      const connection = this.connections.find((each) => each.hostOpen && each.identity === client)
      connection?.offers.push(owner)
    }
    return { started, onOffer, operationRetention }
  }

  #handle(connection: Connection, message: ToHost): void {
    switch (message.kind) {
      case 'HELLO':
        return this.#welcome(connection, message.resume)
      case 'BATCH':
        return this.#work(connection, message.commands, message.deadline)
      case 'BYE':
        connection.toClient.push({ kind: 'BYE_OK' })
        connection.hostOpen = false
        this.#left(connection, false, true)
        return
      case 'END':
        connection.hostOpen = false
        this.#left(connection, false)
    }
  }

  #welcome(connection: Connection, resume: string | undefined): void {
    const { now } = this.#clocks.time()
    const old = this.connections.find((each) => each !== connection && each.hostOpen && each.identity === resume)
    let known = old !== undefined && resume !== undefined
    if (!known && resume !== undefined) {
      const departure = this.#departed.find(({ client }) => client === resume)
      known = departure !== undefined && departure.at + departedKeptFor > now
    }
    const identity = known && resume !== undefined ? resume : `c${(this.#identities += 1)}`
    if (old !== undefined && resume !== undefined) {
      this.#coverage.count('connections superseded')
      old.closeByHost(0)
      this.#left(old, false)
    }
    if (known) this.#coverage.count('connections resumed')
    else if (resume !== undefined) this.#coverage.count('identities forgotten')
    this.#departed = this.#departed.filter(({ client }) => client !== identity)
    connection.identity = identity
    connection.toClient.push({ kind: 'WELCOME', identity, resumed: known })
  }

  #work(connection: Connection, commands: readonly Command[], deadline: number): void {
    const { identity } = connection
    if (identity === undefined) return violated('a command came before HELLO')
    const time = this.#clocks.time()
    const answers = commands.map((command) => {
      if (time.now <= deadline || !this.#rules.hostRefusesLate) return this.#execute(identity, command, time)
      this.#coverage.count('requests refused as late')
      return { code: 'LOCKSTEP_UNAVAILABLE', message: '' }
    })
    connection.toClient.push({ kind: 'RESULTS', answers })
  }

  #execute(client: string, command: Command, time: Time): unknown {
    this.#coverage.count('commands carried out')
    const expected = this.reference.execute(client, command, time)
    const answer: unknown = this.#engine.execute(client, command, time)
    this.#log?.command(client, command, time, answer)
    if (!same(answer, expected)) {
      violated(`${JSON.stringify(command)} was answered ${JSON.stringify(answer)}, not ${JSON.stringify(expected)}`)
    }
    this.witness.see(command, answer, isFailure(answer))
    return answer
  }

  #left(connection: Connection, cut: boolean, bye = false): void {
    const { identity } = connection
    const index = this.connections.indexOf(connection)
    if (index >= 0) this.connections.splice(index, 1)
    if (identity === undefined) return
    const time = this.#clocks.time()
    const keepLeases = cut && this.#rules.cutKeepsLeases
    this.#engine.dropClient(identity, time, { keepLeases })
    this.reference.dropClient(identity, cut, time)
    this.#log?.drop(identity, time, keepLeases)
    if (!bye) this.#departed.push({ client: identity, at: time.now })
  }

  /** Send the offers of this turn, set the timer, and see that no waiter is forgotten. */
  #endTurn(): void {
    for (const { offers, toClient } of this.connections) {
      if (offers.length > 0) toClient.push({ kind: 'OFFERS', owners: offers.splice(0) })
    }
    if (this.#offers.length > 0 || this.#expectedOffers.length > 0) {
      if (!same(this.#offers.toSorted(), this.#expectedOffers.toSorted())) {
        violated(
          `offered to ${this.#offers.join(', ') || 'nobody'}, not to ${this.#expectedOffers.join(', ') || 'nobody'}`,
        )
      }
      this.#offers.length = 0
      this.#expectedOffers.length = 0
    }
    if (!this.#alive) return
    this.due = this.#engine.nextDeadline()
    // What is overdue already may be due at any time up to now.
    const latest = Math.max(this.reference.locks.nextTick(), this.#clocks.time().now)
    if (this.due > latest) violated('a lock that ends is not looked after: its waiters are forgotten')
  }
}
