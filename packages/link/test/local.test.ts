import { monotonic } from '@lockstep/state'
import { expect, onTestFinished, test } from 'vitest'
import { openLocal } from '../src/index.ts'
import type { EngineClient } from '../src/index.ts'
import { acquire, add, later } from './commands.ts'

test('commands are executed before send returns, in their order', async () => {
  const client = await openClient()
  const sequences = [1, 2, 3]
  const answers = await Promise.all(sequences.map((sequence) => client.send(add('n', sequence, 1), later())))
  expect(answers.flat().map((outcome) => 'value' in outcome && outcome.value)).toStrictEqual(sequences)
})

test('a failure in the place of the answer rejects with its error', async () => {
  const client = await openClient()
  const read = client.send({ op: 'readCounter', name: 'n', fence: { name: 'l', token: 1 } }, later())
  await expect(read).rejects.toMatchObject({ code: 'LOCKSTEP_STALE_TOKEN' })
})

test('what is past its deadline is not applied', async () => {
  const client = await openClient()
  await expect(client.send(add('n', 1, 1), monotonic() - 1)).rejects.toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
  expect(await client.send({ op: 'readCounter', name: 'n' }, later())).toBe(0)
})

test('a waiter is offered the lock after it has learned that it waits', async () => {
  const client = await openClient()
  const seen: string[] = []
  const offered = new Promise<void>((resolve) => {
    client.listen({ offered: (owner) => resolve(void seen.push(`offered ${owner}`)), lost: () => {} })
  })
  const holding = client.send(acquire('l', 'first'), later())
  const waiting = client.send(acquire('l', 'second', 1_000), later()).then(() => seen.push('waits'))
  const releasing = client.send({ op: 'release', name: 'l', owner: 'first' }, later())
  await Promise.all([holding, waiting, releasing, offered])
  expect(seen).toStrictEqual(['waits', 'offered second'])
  expect(await client.send(acquire('l', 'second'), later())).toMatchObject({ granted: true })
})

test('a waiter is offered the lock when its lease expires, with no command to move it on', async () => {
  const client = await openClient()
  const offered = new Promise<string>((resolve) => client.listen({ offered: resolve, lost: () => {} }))
  await client.send({ ...acquire('l', 'first'), ttl: 30 }, later())
  await client.send(acquire('l', 'second', 5_000), later())
  expect(await offered).toBe('second')
})

test('all clients of a process share one engine, each with its own leases', async () => {
  const [a, b] = await Promise.all([openClient(), openClient()])
  expect(await a.send(add('n', 1, 1), later())).toMatchObject([{ value: 1 }])
  expect(await b.send(add('n', 1, 1), later())).toMatchObject([{ value: 2 }])
  await a.send(acquire('l', 'o'), later())
  expect(await b.send({ op: 'release', name: 'l', owner: 'o' }, later())).toBe(false)
  await a.close()
  expect(await b.send(acquire('l', 'o'), later())).toMatchObject({ granted: true })
})

test('the engine ends with its last client', async () => {
  const first = await openClient()
  await first.send(add('n', 1, 1), later())
  await first.close()
  expect(await (await openClient()).send({ op: 'readCounter', name: 'n' }, later())).toBe(0)
})

test('after close every call rejects', async () => {
  const client = await openClient()
  await client.ping(later())
  await client.close()
  await client.close()
  const closed = { code: 'LOCKSTEP_CLOSED' }
  await expect(client.send(add('n', 1, 1), later())).rejects.toMatchObject(closed)
  await expect(client.ping(later())).rejects.toMatchObject(closed)
})

async function openClient(): Promise<EngineClient> {
  const client = await openLocal()
  onTestFinished(() => client.close())
  return client
}
