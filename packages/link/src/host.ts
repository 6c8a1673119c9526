import { createServer } from 'node:net'
import type { Server } from 'node:net'
import { UnavailableError, monotonic } from '@lockstep/state'
import type { Failure } from '@lockstep/state'
import { Departed } from './departed.ts'
import { envOf } from './env.ts'
import { HostConnection } from './host-connection.ts'
import type { Ending, Reception } from './host-connection.ts'
import { leaveEngine, useEngine } from './process-engine.ts'
import type { EngineChoice, EngineUser } from './process-engine.ts'
import type { Hello, Identity, Welcome } from './protocol.ts'
import type { EngineRunner } from './runner.ts'
import { openSocketPath, removeSocketPath } from './socket-path.ts'
import { agree, newIdentity, newSecret, sameSecret, wrongSecret, wrongToken } from './welcome.ts'

/** Commands that a client may have unanswered at a time. */
const CREDIT = 4096
const STALL_TIMEOUT = 30_000

export interface HostOptions extends EngineChoice {
  /** How long a process may leave its answers unread before its connection is cut, in milliseconds. Default: 30,000. */
  readonly stallTimeout?: number
}

/** The engine of this process, open to the processes of this machine and this user that have been given `env`. */
export interface Host {
  /** The Unix socket, or named pipe on Windows. */
  readonly path: string
  readonly token: string
  /** `path` and `token` for the environment of a process that shall find the host by `linkFromEnv()`. */
  readonly env: Record<string, string>
  /** Tell the clients, end their connections and remove the socket. The state is gone, unless this process uses it too. Idempotent. */
  close(): Promise<void>
}

/**
 * Open the engine of this process to the other processes of this machine. Neither keeps this process alive. Rejects with an
 * `UnavailableError` when there is no place for the socket, and as the source of the engine does.
 */
export async function startHost(options: HostOptions = {}): Promise<Host> {
  const path = await openSocketPath()
  const host = await useEngine(options, (runner) => new LinkHost(path, runner, options)).catch((error: unknown) => {
    removeSocketPath(path)
    throw error
  })
  try {
    await host.listen()
  } catch (cause) {
    await host.close()
    throw new UnavailableError(`The link could not listen on ${path}`, { cause })
  }
  return host
}

class LinkHost implements Host, Reception, EngineUser {
  readonly hosts = true
  readonly path: string
  readonly token: string = newSecret()
  readonly env: Record<string, string>
  readonly stallTimeout: number
  readonly runner: EngineRunner
  readonly #server: Server
  readonly #connections = new Set<HostConnection>()
  readonly #clients = new Map<string, HostConnection>()
  readonly #departed = new Departed()
  #offered = new Set<HostConnection>()
  #closing: Promise<void> | undefined

  constructor(path: string, runner: EngineRunner, { stallTimeout = STALL_TIMEOUT }: HostOptions) {
    this.path = path
    this.runner = runner
    this.env = envOf(this)
    this.stallTimeout = stallTimeout
    this.#server = createServer((socket) => {
      const connection = new HostConnection(socket, this)
      this.#connections.add(connection)
      socket.once('close', () => this.#connections.delete(connection))
      socket.unref()
    })
  }

  offered(client: string, owner: string): void {
    this.#clients.get(client)?.offer(owner)
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      // Stays on: a later error is one of accepting (no file descriptor left) and concerns only the connection that was
      // not made.
      this.#server.on('error', reject)
      // In a cluster worker the socket would otherwise be the primary's, shared with the other workers.
      this.#server.listen({ path: this.path, exclusive: true }, resolve)
    })
    this.#server.unref()
    process.once('exit', this.#removePath)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    for (const connection of this.#connections) connection.cut('the host was closed')
    await leaveEngine(this)
    await closed
    process.off('exit', this.#removePath)
    this.#removePath()
  }

  readonly #removePath = (): void => removeSocketPath(this.path)

  welcome(connection: HostConnection, hello: Hello): Welcome | Failure {
    if (!sameSecret(hello.token, this.token)) return wrongToken
    const version = agree(hello.versions)
    if (typeof version !== 'number') return version
    const known = this.#known(hello.resume?.client)
    if (hello.resume && known && !sameSecret(hello.resume.secret, known.secret)) return wrongSecret
    const identity = known ?? newIdentity()
    this.#clients.get(identity.client)?.supersede()
    this.#departed.remove(identity.client)
    this.#clients.set(identity.client, connection)
    return { version, identity, credit: CREDIT, resumed: known !== undefined }
  }

  #known(client: string | undefined): Identity | undefined {
    if (client === undefined) return undefined
    return this.#clients.get(client)?.identity ?? this.#departed.find(client, monotonic())
  }

  left(identity: Identity, ending: Ending): void {
    this.#clients.delete(identity.client)
    this.runner.dropClient(identity.client, { keepLeases: ending === 'cut' })
    if (ending !== 'bye') this.#departed.add(identity, monotonic())
  }

  offersWait(connection: HostConnection): void {
    if (this.#offered.size === 0) setImmediate(this.#tellOffers)
    this.#offered.add(connection)
  }

  readonly #tellOffers = (): void => {
    const offered = this.#offered
    this.#offered = new Set()
    for (const connection of offered) connection.tellOffers()
  }
}
