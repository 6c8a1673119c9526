import type { Cluster } from '@lockstep/cluster-core'

/** Milliseconds between two kills: long enough for a worker to come back, below the second that is promised. */
const interval = 900

/** Ends workers the hard way: SIGKILL, in the middle of whatever they do. */
export class Killer {
  readonly #cluster: Cluster
  #kills = 0

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  get kills(): number {
    return this.#kills
  }

  /** The worker of this slot, unless it is gone already. */
  kill(slot: number): void {
    this.#end(this.#cluster.status().workers.find((worker) => worker.slot === slot)?.pid)
  }

  /** Kill at random until `work` is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    const timer = setInterval(() => this.#killAny(), interval)
    try {
      return await work
    } finally {
      clearInterval(timer)
    }
  }

  #killAny(): void {
    const living = this.#cluster.status().workers.filter(({ pid }) => pid !== undefined)
    const serving = living.filter(({ state }) => state === 'ready')
    const others = living.filter((worker) => !serving.includes(worker))
    // The last one that serves is spared while there is another: a shop without staff puts nothing to the test.
    const victims = serving.length > 1 || others.length === 0 ? serving : others
    this.#end(victims[Math.floor(Math.random() * victims.length)]?.pid)
  }

  #end(pid: number | undefined): void {
    if (pid === undefined) return
    process.kill(pid, 'SIGKILL')
    this.#kills++
  }
}
