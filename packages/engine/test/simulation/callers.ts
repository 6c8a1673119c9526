import type { CounterChange, EntryChange, Fence } from '@lockstep/state'
import { Change, Operation, type Tagged } from './change.ts'
import type { Random } from './random.ts'
import type { Worker } from './worker.ts'
import type { World } from './world.ts'

export const lockNames = ['lock a', 'lock b'] as const
export const counterNames = ['stock', 'sold'] as const
export const entryNames = ['cart'] as const

const ttls = [20, 150, 1_500, 10_000] as const
const waits = [0, 0, 40, 400, 3_000, 20_000] as const
/** 60 s is the longest that the contract allows. */
const timeouts = [30, 300, 2_000, 60_000] as const
const lifetimes = [undefined, undefined, undefined, 30, 2_000] as const
const most = 6

/** A caller of this process asks for something. */
export function call(worker: Worker, random: Random): void {
  const { world } = worker
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
      return acquire(worker, random)
    case 3:
      return useLease(worker, random)
    case 4:
    case 5:
    case 6:
      return changeCounter(worker, random)
    case 7:
      return random.oneIn(3) ? addAll(worker, random) : repeat(worker, random)
    case 8:
      return changeEntry(worker, random)
    default: {
      const fence = fenceOf(worker, random)
      const names = { readCounter: counterNames, readEntry: entryNames, inspect: lockNames } as const
      const op = random.of(['readCounter', 'readEntry', 'inspect'])
      const name = random.of<string>(names[op])
      world.tell(() => `${worker.name} asks: ${op} ${name}${told(fence)}`)
      const request = op === 'inspect' ? { op, name } : { op, name, ...(fence && { fence }) }
      worker.link.request(request, world.now + random.of(timeouts), { answered: () => {}, refused: () => {} })
    }
  }
}

/** A caller's signal aborts. */
export function abort(worker: Worker, random: Random): void {
  const { acquisitions, changes, world } = worker
  const acquisition = acquisitions[random.below(acquisitions.length + 1)]
  if (acquisition !== undefined) {
    world.tell(() => `${worker.name} gives up ${acquisition.owner}`)
    return acquisition.abort()
  }
  const change = changes[random.below(changes.length + 1)]
  if (change === undefined) return
  world.tell(() => `${worker.name} gives up a change`)
  change.abort()
}

function acquire(worker: Worker, random: Random): void {
  const { world } = worker
  const attempt = {
    name: random.of(lockNames),
    ttl: random.of(ttls),
    wait: random.of(waits),
    timeout: random.of(timeouts),
    autoExtend: random.oneIn(2),
  }
  world.tell(() => `${worker.name} asks: acquire ${JSON.stringify(attempt)}`)
  worker.acquire(attempt)
}

function useLease(worker: Worker, random: Random): void {
  const { world, leases } = worker
  const lease = leases[random.below(leases.length)]
  if (lease === undefined) return acquire(worker, random)
  if (lease.held && random.oneIn(3)) {
    const ttl = random.of(ttls)
    world.tell(() => `${worker.name} extends ${lease.name} by ${ttl} ms`)
    lease.extend(ttl)
  } else {
    world.tell(() => `${worker.name} releases ${lease.name} (${lease.owner})`)
    lease.giveBack()
  }
}

function changeCounter(worker: Worker, random: Random): void {
  const { world } = worker
  const name = random.of(counterNames)
  const timeout = random.of(timeouts)
  const fence = fenceOf(worker, random)
  const identified = random.oneIn(5)
  const delta = random.oneIn(24) ? Number.MAX_SAFE_INTEGER : random.below(7) - 3
  const min = 0
  const max = random.oneIn(8) ? Number.MAX_SAFE_INTEGER : most
  const operation = identified ? remember(world, [{ name, delta, min, max }]) : undefined
  const change = new Change(operation)
  const ttl = random.of(lifetimes)
  const asked: CounterChange =
    identified || !random.oneIn(4)
      ? {
          kind: 'add',
          delta,
          min,
          max,
          ...(ttl && { ttl }),
          ...(fence && { fence }),
          ...(operation && { operationId: operation.id }),
        }
      : random.of<CounterChange>([
          { kind: 'set', value: random.below(most), ...(ttl && { ttl }), ...(fence && { fence }) },
          { kind: 'compareAndSet', expected: random.below(3), value: random.below(most), ...(fence && { fence }) },
          { kind: 'delete', ...(fence && { fence }) },
        ])
  world.tell(() => `${worker.name} asks: ${name} ${JSON.stringify(asked)} within ${timeout} ms`)
  const tagged: CounterChange & Tagged = { ...asked, change }
  worker.track(worker.counters.change(change, tagged, [name], timeout))
}

function addAll(worker: Worker, random: Random): void {
  const { world } = worker
  const timeout = random.of(timeouts)
  const fence = fenceOf(worker, random)
  const changes = counterNames.map((name) => ({ name, delta: random.below(5) - 2, min: 0, max: most }))
  const operation = random.oneIn(2) ? remember(world, changes) : undefined
  world.tell(() => `${worker.name} asks: addAll ${JSON.stringify(changes)}${told(fence)} within ${timeout} ms`)
  const change = new Change(operation)
  const extra = { ...(fence && { fence }), ...(operation && { operationId: operation.id }) }
  worker.track(worker.counters.change(change, changes, counterNames, timeout, extra))
}

/** An operation of any process once more, rarely with other amounts. */
function repeat(worker: Worker, random: Random): void {
  const { world } = worker
  const operation = world.operations[random.below(world.operations.length)]
  if (operation === undefined) return changeCounter(worker, random)
  const timeout = random.of(timeouts)
  const other = random.oneIn(6) ? 1 : 0
  const changes = operation.changes.map(({ delta, ...rest }) => ({ ...rest, delta: delta > 6 ? delta : delta + other }))
  world.tell(() => `${worker.name} asks again: ${operation.id} ${JSON.stringify(changes)} within ${timeout} ms`)
  const change = new Change(other === 0 ? operation : new Operation('', changes))
  const names = changes.map(({ name }) => name)
  const operationId = operation.id
  if (changes.length > 1) {
    worker.track(worker.counters.change(change, changes.toReversed(), names, timeout, { operationId }))
    return
  }
  for (const { delta, min, max } of changes) {
    const tagged: CounterChange & Tagged = { kind: 'add', delta, min, max, operationId, change }
    worker.track(worker.counters.change(change, tagged, names, timeout))
  }
}

function changeEntry(worker: Worker, random: Random): void {
  const { world } = worker
  const name = random.of(entryNames)
  const timeout = random.of(timeouts)
  const fence = fenceOf(worker, random)
  const ttl = random.of(lifetimes)
  const maxLifetime = random.of(lifetimes)
  const asked = random.of<EntryChange>([
    {
      kind: 'set',
      value: `${random.below(100)}`,
      ...(ttl && { ttl }),
      ...(maxLifetime && { maxLifetime }),
      ...(fence && { fence }),
    },
    { kind: 'set', value: `${random.below(100)}`, ifVersion: 0, ...(fence && { fence }) },
    { kind: 'touch', ttl: random.of(ttls), ...(fence && { fence }) },
    { kind: 'delete', ...(random.oneIn(2) && { tombstone: random.of(ttls) }), ...(fence && { fence }) },
  ])
  world.tell(() => `${worker.name} asks: ${name} ${JSON.stringify(asked)} within ${timeout} ms`)
  const change = new Change()
  const tagged: EntryChange & Tagged = { ...asked, change }
  worker.track(worker.entries.change(change, tagged, [name], timeout))
}

function remember(world: World, changes: Operation['changes']): Operation {
  const operation = new Operation(`o${world.operations.length}`, changes)
  world.operations.push(operation)
  return operation
}

/** Of a lease that it has, or had: whoever was stopped does not know yet. */
function fenceOf(worker: Worker, random: Random): Fence | undefined {
  const lease = random.oneIn(2) ? (worker.leases[0] ?? worker.past) : undefined
  return lease && { name: lease.name, token: lease.token }
}

function told(fence: Fence | undefined): string {
  return fence === undefined ? '' : ` under ${fence.name} ${fence.token}`
}
