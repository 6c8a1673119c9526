import type { Connection } from './connection.ts'
import { pick } from './pick.ts'
import type { Worker } from './worker.ts'
import type { World } from './world.ts'

/** Milliseconds that pass at once at most: the marks of fences live a day, and a schedule ends before. */
const longestPause = 400_000

/** What comes next in time: a message, a timer, or else time goes by. */
export function advance(world: World): boolean {
  return deliverToHost(world) || deliverToWorker(world) || fireTimer(world) || passToNext(world)
}

export function deliverToHost(world: World): boolean {
  const { connections } = world.host
  const connection = pick(world, connections, ({ toHost }) => toHost.length > 0)
  if (connection === undefined) return false
  receive(world, inOrder(connection, connections))
  return true
}

/** Connections are accepted, and their first frames read, in the order in which they were opened. */
function inOrder(connection: Connection, connections: readonly Connection[]): Connection {
  if (connection.toHost[0]?.kind !== 'HELLO') return connection
  return connections.find(({ toHost }) => toHost[0]?.kind === 'HELLO') ?? connection
}

function receive(world: World, connection: Connection): void {
  world.tell(() => `the host reads ${JSON.stringify(connection.toHost[0])} of ${connection.identity ?? 'a new client'}`)
  world.host.receive(connection)
}

export function deliverToWorker(world: World): boolean {
  const worker = pick(world, world.workers, hasMail)
  if (worker === undefined) return false
  world.tell(() => `${worker.name} reads ${JSON.stringify(worker.link.connection?.toClient[0])}`)
  worker.link.receive()
  worker.endTurn()
  return true
}

function hasMail({ stopped, link }: Worker): boolean {
  return !stopped && (link.connection?.toClient.length ?? 0) > 0
}

export function fireTimer(world: World): boolean {
  const worker = pick(world, world.workers, (each) => !each.stopped && each.nextDue() <= world.now)
  if (worker === undefined) return tickIfDue(world)
  world.tell(() => `a timer of ${worker.name} fires`)
  return worker.fire(world.random)
}

function tickIfDue(world: World): boolean {
  return world.host.alive && world.host.due <= world.now && tick(world)
}

export function tick(world: World): boolean {
  if (!world.host.alive) return false
  world.tell(() => 'the host ticks')
  world.host.tick()
  return true
}

export function passBriefly(world: World): boolean {
  return pass(world, world.random.of([0.25, 1, 2.5, 7, 15.75, 16, 100, 700]))
}

/** To the moment at which something is due; sometimes a little further. */
export function passToNext(world: World): boolean {
  let next = world.host.due
  for (const worker of world.workers) if (!worker.stopped) next = Math.min(next, worker.nextDue())
  if (next - world.now > longestPause) return false
  return pass(world, Math.max(0, next - world.now) + world.random.of([0, 0, 0.25, 5]))
}

function pass(world: World, milliseconds: number): boolean {
  world.now += milliseconds
  world.tell(() => `${milliseconds} ms have passed`)
  return true
}

export function jump(world: World): boolean {
  if (world.now > 100 * longestPause) return false
  world.coverage.count('jumps of the monotonic clock')
  return pass(world, world.random.of([3_000, 12_000, 61_000, 119_000, 125_000, 301_000]))
}

export function setWallClock(world: World): boolean {
  const microseconds = world.random.of([1, 1_000, 1_000_000, 3_600_000_000]) * (world.random.oneIn(2) ? 1 : -1)
  world.coverage.count(microseconds > 0 ? 'jumps of the wall clock forward' : 'jumps of the wall clock back')
  world.wallSet += microseconds
  world.tell(() => `the wall clock is set by ${microseconds} µs`)
  return true
}
