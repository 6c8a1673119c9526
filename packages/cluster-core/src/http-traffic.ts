import { subscribe } from 'node:diagnostics_channel'
import type { Server, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** https://nodejs.org/api/diagnostics_channel.html#http */
interface HttpMessage {
  readonly response: ServerResponse
  readonly socket: Socket
  readonly server: Server
}

/**
 * The HTTP servers of this process and the requests they are answering, whatever framework stands on them, seen through
 * Node's diagnostics channels. HTTP/2 and upgraded connections (WebSocket) are not HTTP/1 requests: whoever accepted
 * them ends them.
 */
export class HttpTraffic {
  readonly #servers = new Set<Server>()
  /** Connections with a request under way, and the answer to the latest request. */
  readonly #answering = new Map<Socket, ServerResponse>()
  readonly #sockets = new WeakSet<Socket>()
  #closing = false
  #onQuiet: (() => void) | undefined

  /** Begin to watch. Servers that listen already are learned with their first request. */
  watch(): void {
    subscribe('tracing:net.server.listen:asyncStart', (message) =>
      this.#listening((message as { server: NetServer }).server),
    )
    subscribe('http.server.request.start', (message) => this.#started(message as HttpMessage))
    subscribe('http.server.response.finish', (message) => this.#finished(message as HttpMessage))
  }

  /**
   * Stop listening, answer what is under way and what still comes in on open connections, with `Connection: close`, and
   * close the connections that were idle for `idle` milliseconds. Resolves when nothing is under way any more.
   */
  async drain(idle: number): Promise<void> {
    this.#closing = true
    for (const response of this.#answering.values()) response.shouldKeepAlive = false
    const servers = [...this.#servers].filter((server) => server.listening)
    const closed = Promise.all(servers.map(stopListening))
    await Promise.race([closed, sleep(idle)])
    for (const server of servers) server.closeIdleConnections()
    await this.#quiet()
  }

  #listening(server: NetServer): void {
    if ('closeIdleConnections' in server) this.#add(server as Server)
  }

  #add(server: Server): void {
    if (this.#servers.has(server)) return
    this.#servers.add(server)
    server.once('close', () => this.#servers.delete(server))
  }

  #started({ server, socket, response }: HttpMessage): void {
    this.#add(server)
    this.#answering.set(socket, response)
    if (this.#closing) response.shouldKeepAlive = false
    if (this.#sockets.has(socket)) return
    this.#sockets.add(socket)
    // A request that its client gave up is never finished.
    socket.once('close', () => this.#answered(socket))
  }

  #finished({ socket, response }: HttpMessage): void {
    if (this.#answering.get(socket) === response) this.#answered(socket)
  }

  #answered(socket: Socket): void {
    this.#answering.delete(socket)
    if (this.#answering.size === 0) this.#onQuiet?.()
  }

  #quiet(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#answering.size === 0) resolve()
      else this.#onQuiet = resolve
    })
  }
}

/**
 * Resolves when the last connection has ended. `http.Server.close()` would destroy the idle ones at once, and with them
 * requests that are already on their way: https://github.com/nodejs/node/issues/60617
 */
function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.once('close', resolve)
    NetServer.prototype.close.call(server)
  })
}
