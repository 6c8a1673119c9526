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

  /** A command is sent. The function is to be called when it has settled. */
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
