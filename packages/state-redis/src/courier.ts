import { type Call, monotonic, OutcomeUnknownError, UnavailableError } from '@lockstep/state'
import type { RedisClient } from './options.ts'
import type { Script } from './scripts/script.ts'
import { StallWatch, watchHandshake } from './stall.ts'
import { adviceFor, messageOf, tidy, troubleOf } from './trouble.ts'

/** Between two attempts, in milliseconds; each is shortened by up to a half, so that many who wait do not come at once. */
const pause = { initial: 10, max: 250 }
/** Milliseconds before the deadline at which waiting for a connection ends, so that the caller is told the reason and not only that time is over. */
const toSayWhy = 20

export interface CourierOptions {
  readonly client: RedisClient
  /** For messages: host and port, never a password. */
  readonly address: string
  /** Milliseconds after which a silent connection is replaced; `undefined`: it is not ours to replace. */
  readonly commandTimeout: number | undefined
  /** How many replicas have to confirm a write, and how many milliseconds they have for it. */
  readonly replicas: { readonly count: number; readonly timeout: number } | undefined
}

/**
 * Brings scripts to the server and answers back, within the deadline of the call. While the connection is away it waits for it; what got no answer is sent again,
 * which is safe because every script of ours answers a repeat as it answered the first time.
 */
export class Courier {
  readonly address: string
  readonly #client: RedisClient
  readonly #watch: StallWatch | undefined
  readonly #unwatchHandshake: (() => void) | undefined
  readonly #replicas: CourierOptions['replicas']
  readonly #waiting = new Set<() => void>()
  /** The wall clock of the server less `monotonic()`, in milliseconds. */
  #offset = 0
  #corked = false
  #underWay = 0
  #whenIdle: (() => void) | undefined

  constructor({ client, address, commandTimeout, replicas }: CourierOptions) {
    this.#client = client
    this.address = address
    this.#replicas = replicas
    if (commandTimeout !== undefined) {
      this.#watch = new StallWatch(commandTimeout, () => client.disconnect(true))
      this.#unwatchHandshake = watchHandshake(client, commandTimeout)
    }
    for (const event of ['ready', 'end']) client.on(event, this.#onChange)
  }

  /** Ask the server for its clock. */
  async learnTime(): Promise<void> {
    const sentAt = monotonic()
    const [seconds, micros] = (await this.#client.call('TIME')) as [string, string]
    this.#setTime(Number(seconds) * 1_000 + Number(micros) / 1_000, sentAt)
  }

  /**
   * Run the script. Rejects with `UnavailableError` if it is certain that nothing was applied, else with `OutcomeUnknownError`.
   */
  async run(
    script: Script,
    keys: readonly string[],
    args: readonly (string | number)[],
    { deadline }: Call,
  ): Promise<unknown> {
    let known = true
    let sent = false
    this.#underWay += 1
    try {
      for (let attempt = 0; ; attempt += 1) {
        if (this.#client.status !== 'ready') await this.#ready(deadline, sent && script.writes)
        const sentAt = monotonic()
        const mark = this.#watch?.sent()
        let rest = 0
        try {
          return await this.#send(script, known, keys, args, deadline)
        } catch (error) {
          if (error instanceof OutcomeUnknownError) throw error
          const trouble = troubleOf(error)
          known = trouble !== 'noScript'
          if (!known) continue
          sent ||= trouble === 'lost'
          if (trouble === 'stale') throw this.#unknown(error)
          if (trouble === 'late') this.#setTime(Number(messageOf(error).slice(5)), sentAt)
          rest = attempt === 0 ? 0 : Math.min(pause.max, pause.initial * 2 ** attempt)
          if (trouble === 'refused' || monotonic() + rest >= deadline) {
            // Who came too late was not applied, and what of it is still on its way is refused too; what else is on its way may be taken.
            throw sent && script.writes && trouble !== 'late' ? this.#unknown(error) : this.#unavailable(error)
          }
        } finally {
          if (mark !== undefined) this.#watch?.settled(mark)
        }
        if (rest > 0) await this.#rest(rest)
      }
    } finally {
      this.#underWay -= 1
      if (this.#underWay === 0) this.#whenIdle?.()
    }
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#whenIdle = resolve))
  }

  close(): void {
    this.#watch?.close()
    this.#unwatchHandshake?.()
    for (const event of ['ready', 'end']) this.#client.off(event, this.#onChange)
    this.#onChange()
  }

  #send(
    script: Script,
    known: boolean,
    keys: readonly string[],
    args: readonly (string | number)[],
    deadline: number,
  ): Promise<unknown> {
    if (!this.#corked) this.#cork()
    const due = Math.floor(deadline + this.#offset)
    const answer = known
      ? this.#client.evalsha(script.sha, keys.length, ...keys, due, ...args)
      : this.#client.eval(script.source, keys.length, ...keys, due, ...args)
    return this.#replicas === undefined || !script.writes ? answer : this.#replicated(answer)
  }

  /**
   * Let all requests of this turn leave in one write: ioredis makes a system call for each, which costs more than all else that a request costs here. A Cluster
   * has a stream for each node, and goes without.
   */
  #cork(): void {
    const { stream } = this.#client
    if (stream === undefined) return
    this.#corked = true
    stream.cork()
    process.nextTick(() => {
      this.#corked = false
      stream.uncork()
    })
  }

  /** WAIT goes out behind the script and is answered when the replicas have it: https://redis.io/docs/latest/commands/wait/ */
  async #replicated(answer: Promise<unknown>): Promise<unknown> {
    const { count, timeout } = this.#replicas as NonNullable<CourierOptions['replicas']>
    const [result, confirmed] = await Promise.all([answer, this.#client.call('WAIT', count, timeout)])
    if (Number(confirmed) >= count) return result
    throw new OutcomeUnknownError(
      `Redis at ${this.address} has applied the write, but only ${Number(confirmed)} of ${count} replicas have confirmed it in ${timeout} ms: a failover may lose it`,
    )
  }

  /** Wait for the connection. */
  async #ready(deadline: number, sent: boolean): Promise<void> {
    while (this.#client.status !== 'ready') {
      const left = deadline - monotonic() - toSayWhy
      if (left <= 0 || this.#client.status === 'end') {
        const cause = new Error(`the connection is ${this.#client.status}`)
        throw sent ? this.#unknown(cause) : this.#unavailable(cause)
      }
      await this.#rest(left)
    }
  }

  /** Resolves after `milliseconds`, or when the connection changes. */
  #rest(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(end)
        resolve()
      }
      const timer = setTimeout(end, milliseconds * (1 - Math.random() / 2))
      this.#waiting.add(end)
    })
  }

  readonly #onChange = (): void => {
    for (const end of this.#waiting) end()
  }

  #setTime(serverTime: number, sentAt: number): void {
    this.#offset = serverTime - (sentAt + monotonic()) / 2
  }

  #unavailable(error: unknown): UnavailableError {
    const message = messageOf(error)
    return new UnavailableError(`Redis at ${this.address} did not take the request: ${message}.${adviceFor(message)}`, {
      cause: tidy(error),
    })
  }

  #unknown(error: unknown): OutcomeUnknownError {
    return new OutcomeUnknownError(
      `A request to Redis at ${this.address} was sent and not answered: ${messageOf(error)}. It may have been applied.`,
      { cause: tidy(error) },
    )
  }
}
