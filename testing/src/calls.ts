/** Calls over a Node IPC channel: one side answers by name, the other asks. Arguments and results are JSON. */

/** A child process, a cluster worker, or in one of those `process` itself. */
export interface Channel {
  send?(message: object, sent?: (error: Error | null) => void): boolean
  on(event: 'message', listener: (message: unknown) => void): unknown
}

export type Handlers = Record<string, (...args: never[]) => unknown>

interface Pending {
  readonly resolve: (result: never) => void
  readonly reject: (reason: Error) => void
}

interface Question {
  readonly ask: number
  readonly name: string
  readonly args: readonly unknown[]
}

interface Reply {
  readonly reply: number
  readonly result?: unknown
  readonly error?: { readonly message: string; readonly code?: string }
}

/**
 * Answer the calls that come over `channel`, by the handler of their name. What a handler throws rejects the call, with
 * its message and code.
 */
export function answer(handlers: Handlers, channel: Channel = process): void {
  channel.on('message', (message) => {
    if (!isQuestion(message)) return
    void replyTo(message, handlers).then((reply) => channel.send?.(reply))
  })
}

async function replyTo({ ask, name, args }: Question, handlers: Handlers): Promise<Reply> {
  try {
    const handler = handlers[name]
    if (!handler) throw new Error(`Nothing answers to ${name}.`)
    return { reply: ask, result: await handler(...(args as never[])) }
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown))
    const code = 'code' in error ? { code: String(error.code) } : {}
    return { reply: ask, error: { message: error.message, ...code } }
  }
}

/** The asking side of `answer`. */
export class Calls<H extends Handlers = Handlers> {
  readonly #channel: Channel
  readonly #pending = new Map<number, Pending>()
  #next = 1
  #closed: Error | undefined

  constructor(channel: Channel) {
    this.#channel = channel
    channel.on('message', (message) => {
      if (isReply(message)) this.#settle(message)
    })
  }

  /** Rejects with what the handler threw, or with the reason given to `close`. */
  ask<N extends keyof H & string>(name: N, ...args: Parameters<H[N]>): Promise<Awaited<ReturnType<H[N]>>> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed)
      const ask = this.#next++
      this.#pending.set(ask, { resolve, reject })
      this.#channel.send?.({ ask, name, args } satisfies Question, (error) => {
        if (error) reject(error)
      })
    })
  }

  /** Nobody is there any more: reject what is pending, and every later call. */
  close(reason: Error): void {
    this.#closed = reason
    for (const { reject } of this.#pending.values()) reject(reason)
    this.#pending.clear()
  }

  #settle({ reply, result, error }: Reply): void {
    const pending = this.#pending.get(reply)
    this.#pending.delete(reply)
    if (error) pending?.reject(Object.assign(new Error(error.message), error))
    else pending?.resolve(result as never)
  }
}

function isQuestion(message: unknown): message is Question {
  return typeof message === 'object' && message !== null && 'ask' in message
}

function isReply(message: unknown): message is Reply {
  return typeof message === 'object' && message !== null && 'reply' in message
}
