import { counterNames, entryNames, lockNames } from './callers.ts'
import { operationRetention } from './change.ts'
import { resumeWorker, startHost } from './faults.ts'
import { deliverToHost, deliverToWorker, fireTimer, passToNext } from './progress.ts'
import { violated } from './violation.ts'
import type { World } from './world.ts'

/** Milliseconds in which everything has to settle: the longest wait and the longest timeout of a call, and some time to reconnect. */
const settledWithin = 20_000 + 60_000 + 10_000
const day = 86_400_000

/** The faults stop: everything settles in time, every lock can be had, and what is given back leaves nothing behind. */
export function quieten(world: World): void {
  world.tell(() => 'the faults stop')
  world.random.reseed(world.workers.length)
  startHost(world)
  while (resumeWorker(world));
  const settled = untilQuiet(world, settledWithin)
  if (!settled) violated('a call did not settle in time, though all faults had stopped')
  world.host.verifyLog()
  probe(world)
  leave(world)
}

function untilQuiet(world: World, within: number): boolean {
  const end = world.now + within
  const idle = (): boolean => world.workers.every((worker) => worker.idle && (worker.link.up || worker.gone))
  while (!idle() && world.now < end) {
    releaseAll(world)
    if (!deliverToHost(world) && !deliverToWorker(world) && !fireTimer(world) && !passToNext(world)) break
    // Nothing takes no time: who asks again at once would ask for ever.
    world.now += 0.0625
    world.check()
  }
  return idle()
}

/** Nobody keeps a lock: who has one has done its work. */
function releaseAll({ workers }: World): void {
  for (const worker of workers) {
    if (worker.leases.length === 0) continue
    for (const lease of worker.leases.slice()) lease.giveBack()
    worker.endTurn()
  }
}

/** Who asks for a lock now gets it, in the time that leases and lapsing offers take. */
function probe(world: World): void {
  for (const name of lockNames) {
    const before = world.coverage.get('waits that ran out') + world.coverage.get('acquires that reached no store')
    for (const worker of world.workers) {
      if (worker.closing) continue
      worker.acquire({ name, ttl: 150, wait: 30_000, timeout: 2_000, autoExtend: false })
      worker.endTurn()
    }
    if (!untilQuiet(world, settledWithin)) violated('a waiter did not settle')
    const after = world.coverage.get('waits that ran out') + world.coverage.get('acquires that reached no store')
    if (after > before) violated(`${name} could not be had, though nobody kept it`)
  }
}

/** Everybody says goodbye, time goes by, and the engine holds nothing. */
function leave(world: World): void {
  const { host } = world
  for (const worker of world.workers) {
    if (!worker.closing) worker.close()
    worker.endTurn()
  }
  while (deliverToHost(world) || deliverToWorker(world));
  for (const name of counterNames)
    host.ask('', { op: 'changeCounter', name, sequence: 0, changes: [{ kind: 'delete' }] })
  for (const name of entryNames) host.ask('', { op: 'changeEntry', name, sequence: 0, changes: [{ kind: 'delete' }] })
  world.now += 30_000
  host.tick()
  const { locks, waiters } = host.stats
  if (locks + waiters > 0) violated(`${locks} locks and ${waiters} waiters are left, and nobody is there`)
  for (const milliseconds of [121_000, 121_000, operationRetention, day, day]) {
    world.now += milliseconds
    host.tick()
  }
  const left = Object.entries(host.stats).filter(([, count]) => count > 0)
  if (left.length > 0) violated(`left behind: ${JSON.stringify(Object.fromEntries(left))}`)
}
