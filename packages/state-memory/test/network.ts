import { UnavailableError, type LockStore } from '@lockstep/state'

/** Numbers from 0 to 1, the same for the same seed (Marsaglia, "Xorshift RNGs", 2003). */
export function random(seed: number): () => number {
  let state = seed | 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** Tokens as a store gives them that counts from 1: with no clock to hide it, one that is given out twice is seen at once. */
export class Numbering {
  /** By the token of the store that is beneath. */
  readonly #tokens = new Map<number, number>()
  readonly #honest: boolean
  #last = 0

  /** `honest: false`: tokens that were reserved are given to others. */
  constructor({ honest }: { readonly honest: boolean }) {
    this.#honest = honest
  }

  of(locks: LockStore): LockStore {
    return {
      ...locks,
      acquire: async (request, call) => {
        const answer = await locks.acquire(request, call)
        return answer.granted ? { ...answer, token: this.#token(answer.token, request.reserve) } : answer
      },
    }
  }

  #token(beneath: number, reserve: number): number {
    const known = this.#tokens.get(beneath)
    if (known !== undefined) return known
    const token = this.#last + 1
    this.#last = this.#honest ? token + reserve : token
    this.#tokens.set(beneath, token)
    return token
  }
}

/** What lies between one process and its store: requests and answers travel for a few turns of the event loop and stay in order; some are lost. */
export class Network {
  requests = 0
  readonly #next: () => number
  readonly #losses: number
  /** The last message of each direction. */
  #sent: Promise<void> = Promise.resolve()
  #answered: Promise<void> = Promise.resolve()

  /** `losses`: the share of requests that are lost, and of answers. */
  constructor(next: () => number, losses = 0) {
    this.#next = next
    this.#losses = losses
  }

  readonly to = (locks: LockStore): LockStore => ({
    acquire: (request, call) => this.#travel(() => locks.acquire(request, call)),
    cancel: (request, call) => this.#travel(() => locks.cancel(request, call)),
    extend: (requests, call) => this.#travel(() => locks.extend(requests, call)),
    release: (request, call) => this.#travel(() => locks.release(request, call)),
    inspect: (name, call) => this.#travel(() => locks.inspect(name, call)),
    listen: (listener) =>
      locks.listen({
        offered: (owner) => void this.#answer().then(() => listener.offered(owner)),
        lost: (cause) => listener.lost(cause),
      }),
  })

  async #travel<T>(request: () => Promise<T>): Promise<T> {
    this.requests += 1
    this.#sent = this.#after(this.#sent)
    await this.#sent
    this.#lose('the request')
    const answer = await request()
    await this.#answer()
    this.#lose('the answer')
    return answer
  }

  #lose(message: string): void {
    if (this.#next() < this.#losses) throw new UnavailableError(`${message} was lost`)
  }

  #answer(): Promise<void> {
    this.#answered = this.#after(this.#answered)
    return this.#answered
  }

  async #after(before: Promise<void>): Promise<void> {
    for (let turns = Math.floor(this.#next() * 4); turns > 0; turns -= 1) await new Promise(setImmediate)
    await before
  }
}
