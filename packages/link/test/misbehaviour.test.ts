import { monotonic } from '@lockstep/state'
import { describe, expect, test } from 'vitest'
import { MAX_VALUE } from '../src/changes.ts'
import { frameOf } from '../src/frames.ts'
import type { EngineClient, Host } from '../src/index.ts'
import { acquire, later } from './commands.ts'
import { RawPeer } from './raw-peer.ts'
import { openClient, openHost } from './setup.ts'

const ACQUIRE = [1, 'lock', 'owner', 60_000, 0]
const ADD = [6, 'n', 1, 1]

function batch(first: number, ...commands: unknown[]): unknown[] {
  return ['BATCH', first, later(), ...commands]
}

async function counter(client: EngineClient): Promise<number> {
  return client.send({ op: 'readCounter', name: 'n' }, later())
}

describe('a peer that breaks the protocol is cut and told why, and nobody else notices', () => {
  const cases: [what: string, bytes: Buffer, reason: RegExp][] = [
    ['an unknown message', frame(['HURRY']), /unknown message/],
    ['a message that is no array', frame({ op: 'acquire' }), /unknown message/],
    ['a second HELLO', frame(['HELLO', {}]), /unknown message/],
    ['invalid JSON', frameOf('["BATCH",'), /not valid JSON/],
    ['an unknown codec', Buffer.from([2, 0, 0, 0, 7, 0]), /unknown codec/],
    ['a frame of 4 GB', Buffer.from([255, 255, 255, 255, 1]), /above the limit/],
    ['a frame just above 8 MB', Buffer.from([1, 0, 128, 0, 1]), /above the limit of 8388608/],
    ['an unknown operation', frame(batch(0, [99, 'n'])), /unknown operation/],
    ['a good command before an ill-formed one', frame(batch(0, ADD, [6, 'n'])), /expected a whole number/],
    ['a huge number', frame(batch(0, [1, 'n', 'o', 1e300, 0])), /expected milliseconds/],
    ['a number that JSON cannot hold', frameOf('["BATCH",0,1e999,[5,"n"]]'), /expected milliseconds/],
    ['a batch without a deadline', frame(['BATCH', 0, ADD]), /expected milliseconds/],
    ['too many commands', frame(batch(0, ...Array.from({ length: 513 }, () => ADD))), /more than 512 commands/],
    ['deep nesting', frameOf(`["BATCH",0,1,${'['.repeat(100_000)}${']'.repeat(100_000)}]`), /unknown operation/],
  ]

  test.each(cases)('%s', async (_, bytes, reason) => {
    const host = await openHost()
    const bystander = await openClient(host)
    const peer = await RawPeer.join(host)
    peer.say(batch(0, ACQUIRE))
    await peer.hear('RESULTS')
    peer.socket.write(bytes)
    expect(await peer.answer()).toStrictEqual(['GOAWAY', expect.stringMatching(reason)])
    await peer.end()
    // Nothing of the bad frame was applied, and the lease of the peer, which may not know yet, lives on.
    expect(await counter(bystander)).toBe(0)
    expect(await bystander.send({ op: 'inspect', name: 'lock' }, later())).toMatchObject({ held: true })
  })
})

describe('a peer that is not welcome', () => {
  const hello = { versions: { oldest: 1, newest: 1 } }
  const cases: [what: string, hello: (host: Host) => unknown, code: string, message: RegExp][] = [
    ['has a wrong token', () => ({ ...hello, token: 'guess' }), 'LOCKSTEP_INVALID_ARGUMENT', /token/],
    [
      'is too new for the host',
      ({ token }) => ({ token, versions: { oldest: 2, newest: 3 } }),
      'LOCKSTEP_UNSUPPORTED',
      /versions 2 to 3 of the link, its host 1: the host runs an older @lockstep\/link/,
    ],
    [
      'is too old for the host',
      ({ token }) => ({ token, versions: { oldest: 0, newest: 0 } }),
      'LOCKSTEP_UNSUPPORTED',
      /versions 0 of the link, its host 1: update @lockstep\/link in this process/,
    ],
  ]

  test.each(cases)('%s', async (_, helloTo, code, message) => {
    const host = await openHost()
    const peer = await RawPeer.connect(host)
    peer.say(['HELLO', helloTo(host)])
    expect(await peer.answer()).toStrictEqual(['REFUSED', { code, message: expect.stringMatching(message) }])
    await peer.end()
  })

  test('takes the identity of another without its secret', async () => {
    const host = await openHost()
    const peer = await RawPeer.connect(host)
    peer.say(['HELLO', { ...hello, token: host.token }])
    const { identity } = (await peer.hear('WELCOME'))[1] as { identity: { client: string } }
    const thief = await RawPeer.connect(host)
    thief.say(['HELLO', { ...hello, token: host.token, resume: { client: identity.client, secret: 'guess' } }])
    expect(await thief.answer()).toMatchObject(['REFUSED', { message: expect.stringMatching(/secret/) }])
    peer.say(['PING'])
    await peer.hear('PONG')
  })

  test.each([
    ['a batch before HELLO', batch(0, ADD)],
    ['a HELLO without its fields', ['HELLO', {}]],
    ['a HELLO of nothing', ['HELLO']],
    ['a HELLO with half an identity', ['HELLO', { ...hello, token: 't', resume: { client: 'c' } }]],
    ['a HELLO that is too long', ['HELLO', { ...hello, token: 't'.repeat(5_000) }]],
  ])('says %s', async (_, message) => {
    const host = await openHost()
    const peer = await RawPeer.connect(host)
    peer.say(message)
    await peer.hear('GOAWAY')
    await peer.end()
    expect(await counter(await openClient(host))).toBe(0)
  })
})

test('half a frame at the end is discarded, whole ones before it are applied', async () => {
  const host = await openHost()
  const bystander = await openClient(host)
  const peer = await RawPeer.join(host)
  const half = frame(batch(1, ADD)).subarray(0, -1)
  peer.socket.end(Buffer.concat([frame(batch(0, ADD)), half]))
  await peer.end()
  expect(await counter(bystander)).toBe(1)
})

test('a peer that ends frees its leases at once, unread answers or not', async () => {
  const host = await openHost()
  const bystander = await openClient(host)
  const peer = await RawPeer.join(host)
  peer.say(batch(0, ACQUIRE))
  await peer.hear('RESULTS')
  peer.socket.pause()
  peer.say(batch(1, ADD))
  await expect.poll(() => counter(bystander)).toBe(1)
  // With an answer unread in its buffer the host sees ECONNRESET rather than an end.
  peer.socket.destroy()
  await expect.poll(() => bystander.send({ op: 'inspect', name: 'lock' }, later())).toMatchObject({ held: false })
})

test('a batch past its deadline is refused whole', async () => {
  const host = await openHost()
  const peer = await RawPeer.join(host)
  peer.say(['BATCH', 0, monotonic() - 1, ADD, ADD])
  const refused = { code: 'LOCKSTEP_UNAVAILABLE', message: expect.stringMatching(/after its deadline/) }
  expect(await peer.hear('RESULTS')).toStrictEqual(['RESULTS', 0, refused, refused])
  expect(await counter(await openClient(host))).toBe(0)
})

describe('a peer that does not read', () => {
  const value = 'v'.repeat(1_000_000)
  const reads = Array.from({ length: 100 }, () => [10, 'large'])

  async function floodedHost(stallTimeout: number): Promise<{ host: Host; bystander: EngineClient; peer: RawPeer }> {
    const host = await openHost({ stallTimeout })
    const bystander = await openClient(host)
    await bystander.send({ op: 'changeEntry', name: 'large', sequence: 1, changes: [{ kind: 'set', value }] }, later())
    await bystander.send(acquire('queue', 'first'), later())
    const peer = await RawPeer.join(host)
    peer.say(batch(0, ACQUIRE, [1, 'queue', 'second', 1_000, 60_000]))
    await peer.hear('RESULTS')
    peer.socket.pause()
    peer.say(batch(2, ...reads))
    peer.say(batch(102, ADD))
    return { host, bystander, peer }
  }

  test('is served no further than a few megabytes, and gets the rest when it reads', async () => {
    const { bystander, peer } = await floodedHost(20_000)
    const before = process.memoryUsage().arrayBuffers
    // The host is in this process: had it gone on, a hundred megabytes of answers would be there, and the change
    // applied.
    for (let round = 0; round < 50; round++) await bystander.ping(later())
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
    expect(await counter(bystander)).toBe(0)
    peer.socket.resume()
    let answers = 0
    while (answers < 101) answers += (await peer.hear('RESULTS')).length - 2
    expect(await counter(bystander)).toBe(1)
  })

  test('is cut after a time: it waits for nothing any more, and its leases are left to their ttl', async () => {
    const { bystander, peer } = await floodedHost(50)
    await expect.poll(() => bystander.send({ op: 'inspect', name: 'queue' }, later())).toMatchObject({ waiters: 0 })
    peer.socket.resume()
    await peer.end()
    expect(await bystander.send(acquire('lock', 'other'), later())).toMatchObject({ granted: false })
    expect(await counter(bystander)).toBe(0)
  })
})

test('a process that is waiting gets its offers even when another one is cut', async () => {
  const host = await openHost()
  const waiter = await openClient(host)
  const offered = new Promise<string>((resolve) => waiter.listen({ offered: resolve, lost: () => {} }))
  const peer = await RawPeer.join(host)
  peer.say(batch(0, [1, 'lock', 'owner', 300, 0]))
  await peer.hear('RESULTS')
  await waiter.send(acquire('lock', 'mine', 10_000), later())
  peer.say(['HURRY'])
  await peer.end()
  expect(await offered).toBe('mine')
})

test('a value of the longest length passes, one character more cuts', async () => {
  const host = await openHost()
  const peer = await RawPeer.join(host)
  // A control character is six bytes of JSON: nothing makes a value longer.
  peer.say(batch(0, [9, 'e', 1, ['s', '\u0001'.repeat(MAX_VALUE)]]))
  await peer.hear('RESULTS')
  peer.say(batch(1, [10, 'e']))
  const [answer] = (await peer.hear('RESULTS')).slice(2) as [[string]]
  expect(answer[0]).toHaveLength(MAX_VALUE)
  peer.say(batch(2, [9, 'e', 2, ['s', '\u0001'.repeat(MAX_VALUE + 1)]]))
  await peer.hear('GOAWAY')
})

function frame(message: unknown): Buffer {
  return frameOf(JSON.stringify(message))
}
