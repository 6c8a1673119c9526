import type { RedisClient } from './options.ts'

/** Looks in the time that a command may take. */
const looks = 4

interface Generation {
  commands: number
}

/**
 * Finds the connection that has gone silent: a command without an answer for `patience` milliseconds, or up to a quarter longer. Two counters for each command and
 * one timer, where a timer for each would cost more than the command.
 */
export class StallWatch {
  readonly #patience: number
  readonly #onStall: () => void
  /** The commands without an answer, by the time they were sent; the youngest last. */
  #generations: Generation[] = [{ commands: 0 }]
  #timer: NodeJS.Timeout | undefined

  constructor(patience: number, onStall: () => void) {
    this.#patience = patience
    this.#onStall = onStall
  }

  /** A command is sent; what this returns goes to `settled` when it is answered. */
  sent(): Generation {
    const generation = this.#generations.at(-1) as Generation
    generation.commands += 1
    this.#timer ??= setInterval(this.#look, this.#patience / looks).unref()
    return generation
  }

  settled(generation: Generation): void {
    generation.commands -= 1
  }

  close(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  readonly #look = (): void => {
    this.#generations.push({ commands: 0 })
    const old = this.#generations.length > looks + 1 ? this.#generations.shift() : undefined
    if (old !== undefined && old.commands > 0) {
      this.#generations = [{ commands: 0 }]
      this.#onStall()
    } else if (this.#generations.every(({ commands }) => commands === 0)) {
      this.close()
    }
  }
}

/**
 * Give up a connection that is made and does not get through its handshake within `patience` milliseconds: ioredis itself would wait for ever. Returns what ends the
 * watch.
 */
export function watchHandshake(client: RedisClient, patience: number): () => void {
  let timer: NodeJS.Timeout | undefined
  const start = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => client.disconnect(true), patience).unref()
  }
  const stop = (): void => clearTimeout(timer)
  const listeners = { connect: start, ready: stop, close: stop, end: stop }
  for (const [event, listener] of Object.entries(listeners)) client.on(event, listener)
  return () => {
    stop()
    for (const [event, listener] of Object.entries(listeners)) client.off(event, listener)
  }
}
