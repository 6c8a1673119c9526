import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Turn } from '@lockstep/state'
import { onTestFinished } from 'vitest'
import { connectLink, startHost } from '../src/index.ts'
import type { EngineClient, Host, HostOptions, LinkAddress } from '../src/index.ts'

/** A host that ends with the test. */
export async function openHost(options?: HostOptions): Promise<Host> {
  const host = await startHost(options)
  onTestFinished(() => host.close())
  return host
}

/** A client of the host at `address` that ends with the test. */
export async function openClient({ path, token }: LinkAddress): Promise<EngineClient> {
  const client = await connectLink({ path, token, turn: new Turn() })
  onTestFinished(() => client.close())
  return client
}

/** A server on a socket of its own, closed with the test together with its connections. */
export async function listen(onConnection: (socket: Socket) => void): Promise<{ path: string; server: Server }> {
  const directory = await mkdtemp(join(tmpdir(), 'link-test-'))
  const path = join(directory, 'socket')
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  onTestFinished(async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
    await rm(directory, { recursive: true })
  })
  return { path, server }
}

/** Stands between clients and a host, and can break what it carries. */
export interface Proxy {
  readonly path: string
  /** Let no byte of the host through any more, though the host goes on working. */
  holdAnswers(): void
  /** Break every connection. */
  cut(): void
  /** Where new connections go. */
  target: string
}

export async function openProxy(target: string): Promise<Proxy> {
  let holding = false
  const pairs = new Set<readonly [Socket, Socket]>()
  const { path } = await listen((near) => {
    const far = connect(proxy.target)
    const pair = [near, far] as const
    pairs.add(pair)
    near.on('data', (chunk) => far.write(chunk))
    far.on('data', (chunk) => {
      if (!holding) near.write(chunk)
    })
    far.on('error', () => near.destroy())
    far.on('close', () => near.destroy())
    near.on('close', () => far.destroy())
  })
  const proxy: Proxy = {
    path,
    target,
    holdAnswers: () => {
      holding = true
    },
    cut: () => {
      holding = false
      for (const sockets of pairs) for (const socket of sockets) socket.destroy()
      pairs.clear()
    },
  }
  return proxy
}
