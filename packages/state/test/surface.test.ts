import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterAll, expect, test } from 'vitest'
import {
  Counters,
  createClusterState,
  errorFrom,
  InvalidArgumentError,
  isStateError,
  Locks,
  LockTimeoutError,
  placement,
  StateError,
  Turn,
  UnsupportedError,
  type Adapter,
  type Connection,
} from '@lockstep/state'
import { ScriptedLockStore } from './fake-locks.ts'

const empty = mkdtempSync(join(tmpdir(), 'lockstep-empty-'))
afterAll(() => rmSync(empty, { recursive: true }))

const nothing: Connection = {
  capabilities: { locks: false, counters: false, entries: false, queues: false, transactions: false },
  health: async () => ({ durability: 'none', warnings: [] }),
  close: async () => {},
}

function adapter(name: string, connection: Partial<Connection> = {}): Adapter {
  return { name, connect: async () => ({ ...nothing, ...connection }) }
}

test.each([
  ['stock:42', 'stock:42'],
  ['stock:{42}', '42'],
  ['{a}{b}', 'a'],
  ['{}x', '{}x'],
  ['x{', 'x{'],
  ['}{a}', 'a'],
  ['{a', '{a'],
])('the placement of %s is %s', (name, place) => {
  expect(placement(name)).toBe(place)
})

test('errors are known by brand and code, also one that another copy of the package made', () => {
  const error = new LockTimeoutError('late', { cause: 1 })
  expect(error).toBeInstanceOf(StateError)
  expect(error).not.toBeInstanceOf(InvalidArgumentError)
  expect(error).toMatchObject({ name: 'LockTimeoutError', code: 'LOCKSTEP_LOCK_TIMEOUT', statusCode: 503, cause: 1 })
  const foreign = Object.assign(new Error('late'), {
    code: 'LOCKSTEP_LOCK_TIMEOUT',
    [Symbol.for('lockstep.StateError')]: true,
  })
  expect(foreign).toBeInstanceOf(LockTimeoutError)
  expect(isStateError(new Error('other'))).toBe(false)
  expect(errorFrom({ code: 'LOCKSTEP_STALE_TOKEN', message: 'old' })).toMatchObject({
    name: 'StaleTokenError',
    statusCode: 409,
  })
})

test('an unknown adapter name is refused with the known ones', async () => {
  await expect(createClusterState({ adapter: 'rediss' })).rejects.toThrow(/memory, redis, mysql, kafka.*"rediss"/)
  await expect(createClusterState({ adapter: '__proto__' })).rejects.toBeInstanceOf(InvalidArgumentError)
})

test('a missing adapter package is refused with the install command', async () => {
  await expect(createClusterState({ adapter: 'kafka', from: empty })).rejects.toMatchObject({
    code: 'LOCKSTEP_ADAPTER_NOT_INSTALLED',
    message: expect.stringContaining('npm install @lockstep/state-kafka'),
  })
})

test('options without an adapter named by a word are refused', async () => {
  const odd = { adapter: adapter('x'), options: {} } as unknown as Parameters<typeof createClusterState>[0]
  await expect(createClusterState(odd)).rejects.toBeInstanceOf(InvalidArgumentError)
})

test('a primitive that the adapter does not have rejects every call as unsupported', async () => {
  const state = await createClusterState({ adapter: adapter('x') })
  await expect(state.locks.acquire('a')).rejects.toBeInstanceOf(UnsupportedError)
  await expect(state.locks.inspect('a')).rejects.toBeInstanceOf(UnsupportedError)
  await expect(state.counters.add('a', 1)).rejects.toBeInstanceOf(UnsupportedError)
  await expect(state.counters.get('a')).rejects.toBeInstanceOf(UnsupportedError)
  await expect(state.entries.set('a', 'x')).rejects.toBeInstanceOf(UnsupportedError)
  await state.close()
})

test('each primitive can have an adapter of its own; each is connected and closed once', async () => {
  const log: string[] = []
  const logged = (name: string): Adapter => ({
    name,
    connect: async () => {
      log.push(`open ${name}`)
      return { ...nothing, close: async () => void log.push(`close ${name}`) }
    },
  })
  const [a, b] = [logged('a'), logged('b')]
  const state = await createClusterState({ adapter: { default: a, counters: b } })
  await Promise.all([state.close(), state.close()])
  expect(log).toEqual(['open a', 'open b', 'close a', 'close b'])
})

test('when one adapter cannot be opened the others are closed, and its error is the answer', async () => {
  let closed = 0
  const good = adapter('good', { close: async () => void (closed += 1) })
  const bad: Adapter = { name: 'bad', connect: () => Promise.reject(new Error('no such host')) }
  await expect(createClusterState({ adapter: { default: good, locks: bad } })).rejects.toThrow('no such host')
  expect(closed).toBe(1)
})

test('health is the worst of the adapters, asks each once a second at most, and answers though one hangs', async () => {
  let asked = 0
  const fine = adapter('fine', {
    health: async () => {
      asked += 1
      return { durability: 'on disk', warnings: ['fsync is off'] }
    },
  })
  const hung = adapter('hung', { health: () => new Promise(() => {}) })
  const state = await createClusterState({ adapter: { default: fine, locks: hung } })
  const answers = await Promise.all([state.health(), state.health(), state.health()])
  expect(asked).toBe(1)
  expect(answers[0]).toMatchObject({
    status: 'down',
    adapters: [
      { name: 'hung', primitives: [], status: 'down', latency: null },
      { name: 'fine', status: 'degraded', durability: 'on disk', warnings: ['fsync is off'] },
    ],
  })
  await state.close()
})

test('the turn folds before it sends, and a task of a task is not lost', async () => {
  const turn = new Turn()
  const log: string[] = []
  turn.send(() => log.push('send 1'))
  turn.fold(() => {
    log.push('fold 1')
    turn.fold(() => log.push('fold 2'))
    turn.send(() => log.push('send 2'))
  })
  await new Promise((resolve) => setTimeout(resolve, 20)) // two turns
  expect(log).toEqual(['fold 1', 'send 1', 'send 2', 'fold 2'])
})

test('a grant, a release and a loss are told on their diagnostics channels', async () => {
  const heard: string[] = []
  const listen = (_: unknown, name: string | symbol): void => void heard.push(String(name))
  const names = ['lockstep:lock:acquired', 'lockstep:lease:released', 'lockstep:lease:lost']
  for (const name of names) subscribe(name, listen)
  const store = new ScriptedLockStore()
  const locks = new Locks(store)
  await (await locks.acquire('a')).release()
  await locks.acquire('a')
  store.listener?.lost(new Error('cut'))
  for (const name of names) unsubscribe(name, listen)
  expect(heard).toEqual([
    'lockstep:lock:acquired',
    'lockstep:lease:released',
    'lockstep:lock:acquired',
    'lockstep:lease:lost',
  ])
})

test.each([true, false])(
  'a write that is refused for its token is told on its channel (immediate: %s)',
  async (immediate) => {
    const heard: unknown[] = []
    const listen = (message: unknown): void => void heard.push(message)
    subscribe('lockstep:write:stale', listen)
    const counters = new Counters(
      {
        immediate,
        apply: async () => [{ code: 'LOCKSTEP_STALE_TOKEN', message: 'old' }],
        applyAll: async () => ({ applied: true, values: [] }),
        read: async () => 0,
      },
      false,
      new Turn(),
    )
    await expect(counters.add('a', 1)).rejects.toMatchObject({ code: 'LOCKSTEP_STALE_TOKEN' })
    unsubscribe('lockstep:write:stale', listen)
    expect(heard).toEqual([{ name: 'a', error: expect.objectContaining({ code: 'LOCKSTEP_STALE_TOKEN' }) }])
  },
)

test('lead refuses what is no signal', async () => {
  const signal = 'stop' as unknown as AbortSignal
  await expect(new Locks(new ScriptedLockStore()).lead('a', { signal }, () => {})).rejects.toBeInstanceOf(
    InvalidArgumentError,
  )
})
