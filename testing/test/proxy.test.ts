import { once } from 'node:events'
import {
  type AddressInfo,
  createConnection,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket,
} from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type FaultProxy, type PortProxy, startFaultProxy } from '../src/proxy.ts'
import { type TemporaryFolder, temporaryFolder } from '../src/tmp.ts'

/** What the server has heard, over all connections. */
let heard = ''
/** The server's side of all connections. */
let accepted: Socket[] = []
let echo: Server
let proxy: PortProxy
let clients: Client[] = []

beforeEach(async () => {
  heard = ''
  accepted = []
  clients = []
  echo = createEcho().listen(0, '127.0.0.1')
  await once(echo, 'listening')
  proxy = await startFaultProxy({ port: (echo.address() as AddressInfo).port })
})

afterEach(async () => {
  for (const client of clients) client.socket.destroy()
  await proxy[Symbol.asyncDispose]()
  for (const socket of accepted) socket.destroy()
  echo.close()
})

test('everything is passed on both ways, the end too', async () => {
  const client = await connect()
  client.socket.write('one ')
  client.socket.end('two')
  await expect(client.closed).resolves.toBe('end')
  expect(client.received).toBe('one two')
  await expect.poll(() => proxy.connections).toBe(0)
})

test('latency is added in each direction', async () => {
  const client = await connect()
  await client.answerTo('warm')
  proxy.latency(100)
  const started = performance.now()
  const arrived = once(accepted[0] as Socket, 'data').then(() => performance.now() - started)
  await client.answerTo('slow')
  // Node's timers may be a millisecond early.
  expect(await arrived).toBeGreaterThan(98)
  expect(performance.now() - started).toBeGreaterThan(196)
})

test('nothing overtakes when latency goes down', async () => {
  const client = await connect()
  proxy.latency(100)
  client.socket.write('first ')
  // What is slow has to be in the proxy by then; nobody tells when it is.
  await sleep(50)
  proxy.latency(0)
  client.socket.write('second')
  await expect.poll(() => client.received.length).toBe(12)
  expect(client.received).toBe('first second')
})

test('a cut ends the connections there are, for both sides, and new ones work', async () => {
  const client = await connect()
  await client.answerTo('before')
  expect(proxy.connections).toBe(1)
  const ended = once(accepted[0] as Socket, 'end')
  proxy.cut()
  await expect(client.closed).resolves.toBe('end')
  await ended
  await expect.poll(() => proxy.connections).toBe(0)
  await (await connect()).answerTo('after')
})

test('a reset breaks the connections there are, for both sides, and new ones work', async () => {
  const client = await connect()
  await client.answerTo('before')
  const broken = once(accepted[0] as Socket, 'error')
  proxy.reset()
  await expect(client.closed).resolves.toBe('ECONNRESET')
  expect(await broken).toMatchObject([{ code: 'ECONNRESET' }])
  await (await connect()).answerTo('after')
})

test('in a black hole connections stay open and nothing arrives until it is healed, which breaks them', async () => {
  const old = await connect()
  await old.answerTo('before')
  proxy.halfOpen()
  const fresh = await connect()
  old.socket.write('lost')
  fresh.socket.write('lost')
  accepted[0]?.write('lost')
  expect(await quiet(old, fresh)).toEqual(['before', ''])
  expect(heard).toBe('before')
  expect(proxy.connections).toBe(2)
  proxy.heal()
  await expect(Promise.all([old.closed, fresh.closed])).resolves.toEqual(['ECONNRESET', 'ECONNRESET'])
  await (await connect()).answerTo('after')
})

test('a black hole takes the end of a connection too', async () => {
  const client = await connect()
  await client.answerTo('before')
  proxy.halfOpen()
  client.socket.destroy()
  await expect.poll(() => proxy.connections).toBe(0)
  expect(accepted[0]?.readableEnded).toBe(false)
})

test('new connections are refused, those there are stay, until it is healed', async () => {
  const old = await connect()
  proxy.refuse()
  await expect((await connect()).closed).resolves.toBe('ECONNRESET')
  await old.answerTo('stays')
  proxy.heal()
  await old.answerTo(' whole')
  await (await connect()).answerTo('after')
})

test('replies are lost and requests arrive, until the connection is broken', async () => {
  const old = await connect()
  proxy.loseReplies()
  const fresh = await connect()
  old.socket.write('one')
  fresh.socket.write('one')
  await expect.poll(() => heard).toBe('oneone')
  expect(await quiet(old, fresh)).toEqual(['', ''])
  proxy.reset()
  await expect(Promise.all([old.closed, fresh.closed])).resolves.toEqual(['ECONNRESET', 'ECONNRESET'])
  proxy.heal()
  await (await connect()).answerTo('after')
})

test('the next reply alone is lost, with its connection', async () => {
  const [first, second] = [await connect(), await connect()]
  proxy.loseNextReply()
  first.socket.write('lost')
  await expect(first.closed).resolves.toBe('ECONNRESET')
  expect(first.received).toBe('')
  expect(heard).toBe('lost')
  await second.answerTo('answered')
})

test('a client is told when there is no server', async () => {
  for (const socket of accepted) socket.destroy()
  echo.close()
  await once(echo, 'close')
  await expect((await connect()).closed).resolves.toBe('ECONNRESET')
})

test('its own end breaks what goes through it and frees its port', async () => {
  const client = await connect()
  await client.answerTo('before')
  await proxy[Symbol.asyncDispose]()
  await expect(client.closed).resolves.toBe('ECONNRESET')
  await expect((await connect()).closed).resolves.toBe('ECONNREFUSED')
})

describe('over Unix sockets', () => {
  let folder: TemporaryFolder
  let socketProxy: FaultProxy
  let behind: Server
  /** Where the proxy listens. */
  const at = (): { path: string } => ({ path: join(folder.path, 'proxy') })

  beforeEach(async () => {
    folder = await temporaryFolder()
    const path = join(folder.path, 'server')
    behind = createEcho().listen(path)
    await once(behind, 'listening')
    socketProxy = await startFaultProxy({ path }, at())
  })

  afterEach(async () => {
    for (const client of clients) client.socket.destroy()
    await socketProxy[Symbol.asyncDispose]()
    for (const socket of accepted) socket.destroy()
    behind.close()
    await folder[Symbol.asyncDispose]()
  })

  test('everything is passed on both ways, the end too', async () => {
    const client = await connect(at())
    client.socket.write('one ')
    client.socket.end('two')
    await expect(client.closed).resolves.toBe('end')
    expect(client.received).toBe('one two')
  })

  test('a reset closes the connections there are, for both sides, and new ones work', async () => {
    const client = await connect(at())
    await client.answerTo('before')
    const closed = once(accepted[0] as Socket, 'close')
    socketProxy.reset()
    await expect(client.closed).resolves.toBe('end')
    await closed
    await (await connect(at())).answerTo('after')
  })

  test('in a black hole nothing arrives until it is healed, which closes the connections', async () => {
    const old = await connect(at())
    await old.answerTo('before')
    socketProxy.halfOpen()
    old.socket.write('lost')
    expect(await quiet(old)).toEqual(['before'])
    expect(heard).toBe('before')
    socketProxy.heal()
    await old.closed
    await (await connect(at())).answerTo('after')
  })

  test('the next reply alone is lost, with its connection', async () => {
    const first = await connect(at())
    socketProxy.loseNextReply()
    first.socket.write('lost')
    await first.closed
    expect(first.received).toBe('')
    expect(heard).toBe('lost')
    await (await connect(at())).answerTo('answered')
  })

  test('new connections are closed at once while they are refused', async () => {
    socketProxy.refuse()
    const client = await connect(at())
    await client.closed
    expect(client.received).toBe('')
    socketProxy.heal()
    await (await connect(at())).answerTo('after')
  })
})

/** Says back what it hears. */
function createEcho(): Server {
  return createServer((socket) => {
    accepted.push(socket)
    // What breaks a connection is seen on the client's side.
    socket.on('error', () => {})
    socket.setEncoding('utf8').on('data', (text: string) => {
      heard += text
      socket.write(text)
    })
  })
}

interface Client {
  readonly socket: Socket
  /** 'end', or the code of the error that broke it. */
  readonly closed: Promise<string>
  readonly received: string
  /** Sends it and waits until it is back. */
  answerTo(text: string): Promise<void>
}

async function connect(to: NetConnectOpts = { host: proxy.host, port: proxy.port }): Promise<Client> {
  const socket = createConnection(to)
  let received = ''
  let broken: string | undefined
  socket.setEncoding('utf8').on('data', (text: string) => (received += text))
  socket.on('error', (error: NodeJS.ErrnoException) => (broken = error.code))
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(broken ?? 'end'))
  })
  const client: Client = {
    socket,
    closed,
    get received() {
      return received
    },
    async answerTo(text) {
      const before = received
      socket.write(text)
      await expect.poll(() => received, { interval: 5 }).toBe(before + text)
    },
  }
  clients.push(client)
  // A RST may be quicker than the news of the connection.
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), closed])
  return client
}

/** What the clients have received when there was ample time for more. */
async function quiet(...quietClients: readonly Client[]): Promise<string[]> {
  // That nothing comes can only be seen by waiting: a reply takes a millisecond here.
  await sleep(100)
  return quietClients.map((client) => client.received)
}
