import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, ask, type Question } from './ask.ts'
import type { Route } from './tally.ts'

export interface Purchase {
  readonly sold: boolean
  /** The slot of the worker that answered. */
  readonly worker: number
}

/** Milliseconds to go on asking what may be asked any number of times. */
const insistence = 8_000

/** The shop as its customers see it: a port, whoever answers there. */
export class Shop implements Disposable {
  readonly #port: number
  readonly #agent: Agent = new Agent({ keepAlive: true, maxSockets: 256 })

  constructor(port: number) {
    this.#port = port
  }

  /** Put the stock of `sale` into the store. Rejects when another shop has put another one there. */
  async open(sale: string, route: Route): Promise<void> {
    const { status, body } = await this.#insist('PUT', `/sales/${sale}/${route}`)
    if (status === 200) return
    throw new Error(`shops that share a sale need the same --stock; ${sale} was not opened: ${JSON.stringify(body)}`)
  }

  /** Ask for one unit, once. `undefined`: no answer that says whether we have it. */
  async buy(sale: string, route: Route): Promise<Purchase | undefined> {
    try {
      const { body } = await this.#ask('POST', `/sales/${sale}/${route}`)
      return isPurchase(body) ? body : undefined
    } catch {
      return undefined
    }
  }

  /** The stock of `sale` as the store has it. */
  async left(sale: string, route: Route): Promise<number> {
    const { body } = await this.#insist('GET', `/sales/${sale}/${route}`)
    if (!isStock(body)) throw new Error(`The shop does not know what is left: ${JSON.stringify(body)}`)
    return body.left
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }

  #ask(method: Question['method'], path: string): Promise<Answer> {
    return ask({ agent: this.#agent, port: this.#port, method, path })
  }

  /** The first answer that is not a failure of the server. */
  async #insist(method: 'GET' | 'PUT', path: string): Promise<Answer> {
    const end = performance.now() + insistence
    for (;;) {
      const answer = await this.#ask(method, path).catch(() => undefined)
      if (answer !== undefined && answer.status < 500) return answer
      if (performance.now() > end) {
        throw new Error(`${method} ${path} got ${answer ? JSON.stringify(answer) : 'no answer'} for ${insistence} ms.`)
      }
      await sleep(100)
    }
  }
}

function isPurchase(body: unknown): body is Purchase {
  return isObject(body) && typeof body['sold'] === 'boolean' && typeof body['worker'] === 'number'
}

function isStock(body: unknown): body is { left: number } {
  return isObject(body) && typeof body['left'] === 'number'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
