import type { Producer } from 'kafkajs'

/** One partition under load: one record at a time, numbered, each as soon as the one before it is acknowledged. */
export class Load {
  readonly acknowledged: string[] = []
  readonly failures: unknown[] = []
  /** The longest wait for an acknowledgement, in milliseconds. */
  longest = 0
  #stopped = false
  readonly #done: Promise<void>

  constructor(producer: Producer, topic: string, partition: number) {
    this.#done = this.#run(producer, topic, partition)
  }

  /** Resolves when the last send has settled. */
  stop(): Promise<void> {
    this.#stopped = true
    return this.#done
  }

  async #run(producer: Producer, topic: string, partition: number): Promise<void> {
    for (let number = 0; !this.#stopped; number++) {
      const value = String(number)
      const start = performance.now()
      try {
        await producer.send({ topic, acks: -1, messages: [{ value, partition }] })
        this.acknowledged.push(value)
      } catch (error) {
        this.failures.push(error)
      }
      this.longest = Math.max(this.longest, performance.now() - start)
    }
  }
}
