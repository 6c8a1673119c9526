import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Turn, monotonic } from '@lockstep/state'
import { expect, test, vi } from 'vitest'
import { MAX_VALUE } from '../src/changes.ts'
import { frameOf } from '../src/frames.ts'
import { connectLink, linkFromEnv, startHost } from '../src/index.ts'
import { acquire, add, change, later, write } from './commands.ts'
import { listen, openClient, openHost } from './setup.ts'

test('two clients change one state', async () => {
  const host = await openHost()
  const [a, b] = await Promise.all([openClient(host), openClient(host)])
  const times = Array.from({ length: 500 }, (_, index) => index + 1)
  await Promise.all(
    times.flatMap((sequence) => [a.send(add('n', sequence, 1), later()), b.send(add('n', sequence, 1), later())]),
  )
  expect(await a.send({ op: 'readCounter', name: 'n' }, later())).toBe(1000)
})

test('every operation is answered as by the engine itself', async () => {
  const client = await openClient(await openHost())
  const token = expect.any(Number)
  expect(await client.send(acquire('l', 'o'), later())).toStrictEqual({ granted: true, token, expiresIn: 10_000 })
  expect(await client.send({ op: 'inspect', name: 'l' }, later())).toMatchObject({ held: true, token })
  const leases = [{ name: 'l', owner: 'o', ttl: 20_000 }]
  expect(await client.send({ op: 'extend', leases }, later())).toStrictEqual([true])
  expect(await client.send({ op: 'release', name: 'l', owner: 'o' }, later())).toBe(true)
  expect(await client.send({ op: 'cancel', name: 'l', owner: 'o' }, later())).toBe(false)
  expect(await client.send(change('c', 1, { kind: 'add', delta: -1, min: 0 }), later())).toStrictEqual([
    { applied: false, value: 0, expiresIn: null },
  ])
  const changes = [
    { name: 'c', delta: 2 },
    { name: 'd', delta: 3 },
  ]
  expect(await client.send({ op: 'addAll', sequence: 2, changes }, later())).toStrictEqual({
    applied: true,
    values: [2, 3],
  })
  expect(await client.send(write('e', 1, 'v'), later())).toStrictEqual([{ applied: true, version: token }])
  expect(await client.send({ op: 'readEntry', name: 'e' }, later())).toMatchObject({ value: 'v', expiresIn: null })
  expect(await client.send({ op: 'readEntry', name: 'f' }, later())).toBeNull()
})

test('a failure in the place of the answer rejects with its error, one in a list stays in its place', async () => {
  const client = await openClient(await openHost())
  const fence = { name: 'l', token: 1 }
  const stale = { code: 'LOCKSTEP_STALE_TOKEN' }
  await expect(client.send({ op: 'readCounter', name: 'n', fence }, later())).rejects.toMatchObject(stale)
  expect(await client.send(change('n', 1, { kind: 'add', delta: 1, fence }), later())).toMatchObject([stale])
})

test('commands of one turn leave together, more than one frame holds and more than the credit too', async () => {
  const client = await openClient(await openHost())
  const sequences = Array.from({ length: 20_000 }, (_, index) => index + 1)
  const answers = await Promise.all(sequences.map((sequence) => client.send(add('n', sequence, 1), later())))
  expect(answers.map(([outcome]) => outcome)).toStrictEqual(
    sequences.map((value) => ({ applied: true, value, expiresIn: null })),
  )
})

test('values of a megabyte pass both ways, many at once', async () => {
  const client = await openClient(await openHost())
  const names = Array.from({ length: 8 }, (_, index) => `entry:${index}`)
  await Promise.all(names.map((name, index) => client.send(write(name, index + 1, megabyteFor(name)), later())))
  const read = await Promise.all(names.map((name) => client.send({ op: 'readEntry', name }, later())))
  expect(read.map((entry) => entry?.value)).toStrictEqual(names.map(megabyteFor))
})

test('a command too large for the link is refused and harms no other', async () => {
  const client = await openClient(await openHost())
  const capacity = { code: 'LOCKSTEP_CAPACITY' }
  const tooLong = client.send(write('e', 1, 'v'.repeat(MAX_VALUE + 1)), later())
  const changes = Array.from({ length: 9 }, () => ({ kind: 'set', value: 'v'.repeat(1_000_000) }) as const)
  const tooMany = client.send({ op: 'changeEntry', name: 'e', sequence: 2, changes }, later())
  const fine = client.send(add('n', 1, 1), later())
  await expect(tooLong).rejects.toMatchObject(capacity)
  await expect(tooMany).rejects.toMatchObject(capacity)
  expect(await fine).toHaveLength(1)
})

test('more requests than may wait are refused at once', async () => {
  const client = await openClient(await openHost())
  const reads = Array.from({ length: 50_001 }, () => client.send({ op: 'readCounter', name: 'n' }, later()))
  await expect(reads.at(-1)).rejects.toMatchObject({ code: 'LOCKSTEP_CAPACITY' })
  expect(await Promise.all(reads.slice(0, -1))).toHaveLength(50_000)
})

test('a waiter in another process is offered the lock when it is released', async () => {
  const host = await openHost()
  const [holder, waiter] = await Promise.all([openClient(host), openClient(host)])
  const offered = vi.fn<(owner: string) => void>()
  waiter.listen({ offered, lost: () => {} })
  await holder.send(acquire('l', 'first'), later())
  expect(await waiter.send(acquire('l', 'second', 5_000), later())).toMatchObject({ granted: false, place: 1 })
  await holder.send({ op: 'release', name: 'l', owner: 'first' }, later())
  await expect.poll(() => offered.mock.calls).toStrictEqual([['second']])
  expect(await waiter.send(acquire('l', 'second'), later())).toMatchObject({ granted: true })
})

test('a waiter is offered the lock when its lease expires, with no command to move it on', async () => {
  const host = await openHost()
  const client = await openClient(host)
  const offered = vi.fn<(owner: string) => void>()
  client.listen({ offered, lost: () => {} })
  await client.send({ ...acquire('l', 'first'), ttl: 50 }, later())
  await client.send(acquire('l', 'second', 5_000), later())
  await expect.poll(() => offered.mock.calls).toStrictEqual([['second']])
})

test('one client cannot free the lease of another, even with its owner id', async () => {
  const host = await openHost()
  const [holder, thief] = await Promise.all([openClient(host), openClient(host)])
  await holder.send(acquire('l', 'o'), later())
  expect(await thief.send({ op: 'release', name: 'l', owner: 'o' }, later())).toBe(false)
})

test('close sends what is waiting and frees the leases at once', async () => {
  const host = await openHost()
  const [leaving, staying] = await Promise.all([openClient(host), openClient(host)])
  await leaving.send(acquire('l', 'o'), later())
  const last = leaving.send(add('n', 1, 1), later())
  await leaving.close()
  expect(await last).toMatchObject([{ applied: true, value: 1 }])
  expect(await staying.send(acquire('l', 'p'), later())).toMatchObject({ granted: true })
  await expect(leaving.send(add('n', 2, 1), later())).rejects.toMatchObject({ code: 'LOCKSTEP_CLOSED' })
  await expect(leaving.ping(later())).rejects.toMatchObject({ code: 'LOCKSTEP_CLOSED' })
})

test('what is past its deadline before it is sent is not applied', async () => {
  const client = await openClient(await openHost())
  await expect(client.send(add('n', 1, 1), monotonic() - 1)).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
  expect(await client.send({ op: 'readCounter', name: 'n' }, later())).toBe(0)
})

test('a ping is answered by a live host', async () => {
  const client = await openClient(await openHost())
  await expect(client.ping(later())).resolves.toBeUndefined()
})

test('only this user gets at the socket, and nothing is left when the host has closed', async () => {
  const host = await startHost()
  expect(statSync(dirname(host.path)).mode & 0o777).toBe(0o700)
  await host.close()
  await host.close()
  expect(existsSync(dirname(host.path))).toBe(false)
})

test('a directory too long for a socket path gives way to a short one', async () => {
  vi.stubEnv('TMPDIR', `/${'long/'.repeat(30)}`)
  const host = await openHost()
  vi.unstubAllEnvs()
  expect(Buffer.byteLength(host.path)).toBeLessThan(104)
  await (await openClient(host)).ping(later())
})

test('a wrong token is refused', async () => {
  const { path } = await openHost()
  const wrong = connectLink({ path, token: 'guess', turn: new Turn() })
  await expect(wrong).rejects.toMatchObject({ code: 'LOCKSTEP_INVALID_ARGUMENT', message: /LOCKSTEP_LINK_TOKEN/ })
})

test('a host that is gone is said to be gone, with what to do', async () => {
  const host = await startHost()
  await host.close()
  await expect(connectLink({ ...address(host), turn: new Turn() })).rejects.toMatchObject({
    code: 'LOCKSTEP_UNAVAILABLE',
    message: expect.stringMatching(/the primary.*has ended.*start/),
  })
})

test('a host that does not answer is given up within the timeout', async () => {
  const { path } = await listen(() => {})
  const connecting = connectLink({ path, token: 't', turn: new Turn(), connectTimeout: 50 })
  await expect(connecting).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE', message: /within 50 ms/ })
})

test('connecting ends with the signal', async () => {
  const { path } = await listen(() => {})
  const abort = new AbortController()
  const connecting = connectLink({ path, token: 't', turn: new Turn(), signal: abort.signal })
  const reason = new Error('closed before it was open')
  abort.abort(reason)
  await expect(connecting).rejects.toBe(reason)
  await expect(connectLink({ path, token: 't', turn: new Turn(), signal: abort.signal })).rejects.toBe(reason)
})

test('a host of other versions refuses, and its refusal reaches the caller', async () => {
  const refusal = { code: 'LOCKSTEP_UNSUPPORTED', message: 'the host runs an older @lockstep/link: restart it' }
  const { path } = await listen((socket) => socket.write(frameOf(JSON.stringify(['REFUSED', refusal]))))
  await expect(connectLink({ path, token: 't', turn: new Turn() })).rejects.toMatchObject(refusal)
})

test.each([
  ['speaks something else', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), /no Lockstep host/],
  ['begins with anything but WELCOME', frameOf('["PONG"]'), /no Lockstep host/],
  ['is about to close', frameOf('["GOAWAY","the host was closed"]'), /turned the connection away: the host was closed/],
  ['ends', Buffer.alloc(0), /closed the connection/],
])('what %s is no host to connect to', async (_, bytes, message) => {
  const { path } = await listen((socket) => socket.end(bytes))
  const refused = { code: 'LOCKSTEP_UNAVAILABLE', message: expect.stringMatching(message) }
  await expect(connectLink({ path, token: 't', turn: new Turn() })).rejects.toMatchObject(refused)
})

test('the address travels in the environment, whole or not at all', async () => {
  const host = await openHost()
  expect(linkFromEnv(host.env)).toStrictEqual(address(host))
  expect(linkFromEnv({})).toBeUndefined()
  expect(() => linkFromEnv({ LOCKSTEP_LINK: host.path })).toThrow('only LOCKSTEP_LINK is set')
  expect(() => linkFromEnv({ LOCKSTEP_LINK_TOKEN: 't' })).toThrow('only LOCKSTEP_LINK_TOKEN is set')
})

function megabyteFor(name: string): string {
  return name.padEnd(500_000, '🛒')
}

function address({ path, token }: { path: string; token: string }): { path: string; token: string } {
  return { path, token }
}
