import type { RedisClient } from './options.ts'

/**
 * The channel on which this client hears of offers. Messages can be lost while the connection is away, so after every gap `resumed` is called: whoever waits
 * asks again.
 */
export class Wakes {
  readonly #client: RedisClient
  readonly #channel: string
  readonly #offered: (owner: string) => void
  readonly #resumed: () => void

  private constructor(client: RedisClient, channel: string, offered: (owner: string) => void, resumed: () => void) {
    this.#client = client
    this.#channel = channel
    this.#offered = offered
    this.#resumed = resumed
  }

  /** Subscribe over `client`, whose other use it does not disturb. */
  static async open(
    client: RedisClient,
    channel: string,
    offered: (owner: string) => void,
    resumed: () => void,
  ): Promise<Wakes> {
    const wakes = new Wakes(client, channel, offered, resumed)
    client.on('message', wakes.#onMessage)
    try {
      await client.subscribe(channel)
    } catch (error) {
      client.off('message', wakes.#onMessage)
      throw error
    }
    // In a Cluster one of its nodes is chosen for subscriptions, and another when that is gone.
    for (const event of ['ready', '+subscriber']) client.on(event, wakes.#onConnection)
    return wakes
  }

  async close(): Promise<void> {
    this.#client.off('message', this.#onMessage)
    for (const event of ['ready', '+subscriber']) this.#client.off(event, this.#onConnection)
    if (this.#client.status === 'ready') await this.#client.unsubscribe(this.#channel).catch(() => {})
  }

  readonly #onMessage = (channel: string, owner: string): void => {
    if (channel === this.#channel) this.#offered(owner)
  }

  readonly #onConnection = (): void => {
    // Where this fails the connection has gone again, and comes again.
    this.#client.subscribe(this.#channel).then(this.#resumed, () => {})
  }
}
