import type { Socket } from 'node:net'
import { monotonic } from '@lockstep/state'
import { expect, test } from 'vitest'
import { FrameReader, frameOf } from '../src/frames.ts'
import type { EngineClient } from '../src/index.ts'
import { acquire, add, later } from './commands.ts'
import { listen, openClient, openHost, openProxy } from './setup.ts'

async function counter(client: EngineClient): Promise<number> {
  return client.send({ op: 'readCounter', name: 'n' }, later())
}

test('changes whose answers were lost are applied once, and answered', async () => {
  const host = await openHost()
  const proxy = await openProxy(host.path)
  const [client, observer] = await Promise.all([openClient({ ...host, path: proxy.path }), openClient(host)])
  for (let round = 1; round <= 20; round++) {
    proxy.holdAnswers()
    const names = ['a', 'b', 'n']
    const changes = names.map((name) => client.send(add(name, round, 1), later()))
    await expect.poll(() => counter(observer), { interval: 1 }).toBe(round)
    proxy.cut()
    const answer = [{ applied: true, value: round, expiresIn: null }]
    expect(await Promise.all(changes)).toStrictEqual([answer, answer, answer])
  }
  expect(await counter(observer)).toBe(20)
})

test('a change that is never repeatable is unknown once its connection is lost', async () => {
  const host = await openHost()
  const proxy = await openProxy(host.path)
  const [client, observer] = await Promise.all([openClient({ ...host, path: proxy.path }), openClient(host)])
  proxy.holdAnswers()
  const change = client.send(add('n', 0, 1), later())
  await expect.poll(() => counter(observer)).toBe(1)
  proxy.cut()
  await expect(change).rejects.toMatchObject({ code: 'LOCKSTEP_OUTCOME_UNKNOWN' })
  expect(await counter(client)).toBe(1)
})

test('a lost connection is told at once, and its leases are gone', async () => {
  const host = await openHost()
  const proxy = await openProxy(host.path)
  const [client, observer] = await Promise.all([openClient({ ...host, path: proxy.path }), openClient(host)])
  const lost = new Promise<Error>((resolve) => client.listen({ offered: () => {}, lost: resolve }))
  await client.send(acquire('l', 'mine'), later())
  proxy.cut()
  expect(await lost).toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE', message: /link to the Lockstep host was lost/ })
  await expect.poll(() => observer.send(acquire('l', 'theirs'), later())).toMatchObject({ granted: true })
  expect(await client.send({ op: 'release', name: 'l', owner: 'mine' }, later())).toBe(false)
})

test('an acquire whose answer was lost is asked again', async () => {
  const host = await openHost()
  const proxy = await openProxy(host.path)
  const [client, observer] = await Promise.all([openClient({ ...host, path: proxy.path }), openClient(host)])
  proxy.holdAnswers()
  const grant = client.send(acquire('l', 'mine'), later())
  await expect.poll(() => observer.send({ op: 'inspect', name: 'l' }, later())).toMatchObject({ held: true })
  proxy.cut()
  expect(await grant).toMatchObject({ granted: true })
})

test('a host that does not know the client any more leaves sent changes unknown, and the rest goes on', async () => {
  const batches: unknown[][] = []
  let connections = 0
  const { path } = await listen((socket) => {
    const resumed = false
    const first = ++connections === 1
    const identity = { client: `client ${connections}`, secret: 's' }
    onMessage(socket, (message, answer) => {
      if (message[0] === 'HELLO') answer(['WELCOME', { version: 1, identity, credit: 2, resumed }])
      if (message[0] === 'BYE') answer(['BYE_OK'])
      if (message[0] !== 'BATCH') return
      batches.push(message)
      if (first) socket.destroy()
      else answer(['RESULTS', message[1], ...message.slice(3).map(() => 7)])
    })
  })
  const client = await openClient({ path, token: 't' })
  // The credit of two lets the first two out; the others wait.
  const [read, sent, unsent] = [
    client.send({ op: 'readCounter', name: 'n' }, later()),
    client.send(add('a', 1, 1), later()),
    client.send(add('b', 2, 1), later()),
  ]
  await expect(sent).rejects.toMatchObject({ code: 'LOCKSTEP_OUTCOME_UNKNOWN', message: /started anew/ })
  expect(await read).toBe(7)
  await expect(unsent).resolves.toMatchObject([{ applied: true, value: 7 }])
  expect(batches.map((batch) => batch.slice(3))).toStrictEqual([
    [
      [8, 'n'],
      [6, 'a', 1, 1],
    ],
    [
      [8, 'n'],
      [6, 'b', 2, 1],
    ],
  ])
})

test('a repeat that came too late leaves the change unknown, though the repeat was refused', async () => {
  let connections = 0
  const { path } = await listen((socket) => {
    const first = ++connections === 1
    const identity = { client: 'c', secret: 's' }
    onMessage(socket, (message, answer) => {
      if (message[0] === 'HELLO') answer(['WELCOME', { version: 1, identity, credit: 2, resumed: !first }])
      if (message[0] === 'BYE') answer(['BYE_OK'])
      if (message[0] !== 'BATCH') return
      if (first) socket.destroy()
      else answer(['RESULTS', message[1], { code: 'LOCKSTEP_UNAVAILABLE', message: 'after its deadline' }])
    })
  })
  const client = await openClient({ path, token: 't' })
  await expect(client.send(add('n', 1, 1), later())).rejects.toMatchObject({ code: 'LOCKSTEP_OUTCOME_UNKNOWN' })
  await expect(client.send(add('n', 2, 1), later())).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
})

test('while the host is away, calls end by their deadline with what is true of them', async () => {
  const host = await openHost()
  const proxy = await openProxy(host.path)
  const client = await openClient({ ...host, path: proxy.path })
  proxy.holdAnswers()
  const sent = client.send(add('n', 1, 1), monotonic() + 300)
  const read = client.send({ op: 'readCounter', name: 'n' }, monotonic() + 300)
  await expect(sent).rejects.toMatchObject({ code: 'LOCKSTEP_OUTCOME_UNKNOWN' })
  await expect(read).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
  const lost = new Promise<Error>((resolve) => client.listen({ offered: () => {}, lost: resolve }))
  proxy.target = `${host.path}.gone`
  proxy.cut()
  await lost
  await expect(client.send(add('n', 2, 1), monotonic() + 300)).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
  await expect(client.ping(monotonic() + 300)).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
  proxy.target = host.path
  expect(await counter(client)).toBe(1)
})

test('a host that closes says so, and the client reports it', async () => {
  const host = await openHost()
  const client = await openClient(host)
  const lost = new Promise<Error>((resolve) => client.listen({ offered: () => {}, lost: resolve }))
  await host.close()
  expect(await lost).toMatchObject({ message: /the host was closed/ })
  const started = monotonic()
  await client.close()
  // With nobody to say goodbye to, it does not wait for an answer.
  expect(monotonic() - started).toBeLessThan(1_000)
})

test('close is over after two seconds even when the host does not answer', async () => {
  const host = await openHost()
  const proxy = await openProxy(host.path)
  const client = await openClient({ ...host, path: proxy.path })
  proxy.holdAnswers()
  const change = client.send(add('n', 1, 1), later())
  const closing = client.close()
  await expect(change).rejects.toMatchObject({ code: 'LOCKSTEP_OUTCOME_UNKNOWN' })
  await closing
})

test.each([
  ['answers to other calls', ['RESULTS', 5, 1]],
  ['a PONG to no PING', ['PONG']],
  ['an answer of another operation', ['RESULTS', 0, 'seven']],
  ['an unknown message', ['HURRAY']],
  ['no message at all', null],
])('a host that sends %s is left, and the call is settled', async (_, message) => {
  let connections = 0
  const { path } = await listen((socket) => {
    const good = ++connections > 1
    const identity = { client: 'c', secret: 's' }
    onMessage(socket, ([kind, first], answer) => {
      if (kind === 'HELLO') answer(['WELCOME', { version: 1, identity, credit: 2, resumed: true }])
      if (kind === 'BYE') answer(['BYE_OK'])
      if (kind === 'BATCH') answer(good ? ['RESULTS', first, 7] : message)
    })
  })
  const client = await openClient({ path, token: 't' })
  expect(await counter(client)).toBe(7)
  expect(connections).toBe(2)
})

/** A host as the test wants it. */
function onMessage(socket: Socket, react: (message: unknown[], answer: (message: unknown) => void) => void): void {
  const reader = new FrameReader(Infinity)
  socket.on('data', (chunk) => {
    reader.push(chunk)
    for (let message = reader.next(); message !== undefined; message = reader.next()) {
      react(message as unknown[], (answer) => socket.write(frameOf(JSON.stringify(answer))))
    }
  })
}
