import { monotonic, type ConnectionHealth } from '@lockstep/state'
import { readDurability } from './durability.ts'
import type { RedisClient } from './options.ts'

/** Settings are read again after this, in milliseconds, and after a reconnect. */
const settingsGoodFor = 60_000

/** How the server is, and what it keeps. */
export class Health {
  readonly #client: RedisClient
  readonly #waitReplicas: number
  readonly #standing: readonly string[]
  #settings: ConnectionHealth | undefined
  #readAt = 0

  /** `standing`: warnings that do not change. */
  constructor(client: RedisClient, waitReplicas: number, standing: readonly string[]) {
    this.#client = client
    this.#waitReplicas = waitReplicas
    this.#standing = standing
    client.on('ready', this.#forget)
  }

  async read(): Promise<ConnectionHealth> {
    await this.#client.call('PING')
    if (this.#settings === undefined || monotonic() - this.#readAt > settingsGoodFor) {
      this.#settings = await readDurability(this.#client, this.#waitReplicas)
      this.#readAt = monotonic()
    }
    return { ...this.#settings, warnings: [...this.#standing, ...this.#settings.warnings] }
  }

  /** Leave nothing behind on a client that is not ours. */
  close(): void {
    this.#client.off('ready', this.#forget)
  }

  readonly #forget = (): void => {
    this.#settings = undefined
  }
}
