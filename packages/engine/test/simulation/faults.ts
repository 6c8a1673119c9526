import { pick } from './pick.ts'
import type { World } from './world.ts'

export function breakLink(world: World): boolean {
  const worker = pick(world, world.workers, ({ stopped, link }) => !stopped && link.connection !== undefined)
  if (worker === undefined) return false
  const arriving = world.random.below(4)
  world.tell(() => `${worker.name} loses its link; of what it sent ${arriving} still arrive`)
  worker.link.break(arriving)
  worker.endTurn()
  return true
}

export function cutLink(world: World): boolean {
  const connection = pick(world, world.host.connections, ({ hostOpen }) => hostOpen)
  if (connection === undefined) return false
  const arriving = world.random.below(4)
  world.tell(() => `the host cuts ${connection.identity ?? 'a new client'}; of what it sent ${arriving} still arrive`)
  world.host.cut(connection, arriving)
  return true
}

export function killWorker(world: World): boolean {
  const index = world.random.below(world.workers.length)
  const arriving = world.random.below(4)
  world.tell(() => `${world.workers[index]?.name} is killed; of what it sent ${arriving} still arrive`)
  world.coverage.count('workers killed')
  replace(world, index, arriving)
  return true
}

/** The process has ended, and another takes its place. */
export function replace(world: World, index: number, arriving: number): void {
  world.workers[index]?.link.connection?.closeByClient(arriving)
  world.workers[index] = world.bear()
}

export function stopWorker(world: World): boolean {
  const worker = pick(world, world.workers, ({ stopped }) => !stopped)
  if (worker === undefined) return false
  world.tell(() => `${worker.name} is stopped`)
  world.coverage.count('workers stopped')
  worker.stopped = true
  return true
}

export function resumeWorker(world: World): boolean {
  const worker = pick(world, world.workers, ({ stopped }) => stopped)
  if (worker === undefined) return false
  world.tell(() => `${worker.name} goes on`)
  world.coverage.count('workers resumed')
  worker.stopped = false
  return true
}

export function closeWorker(world: World): boolean {
  const worker = pick(world, world.workers, ({ stopped, closing, link }) => !stopped && !closing && link.up)
  if (worker === undefined) return false
  world.tell(() => `${worker.name} says goodbye`)
  world.coverage.count('goodbyes')
  worker.close()
  worker.endTurn()
  return true
}

export function killHost(world: World): boolean {
  if (!world.host.alive) return false
  world.tell(() => 'the host is killed')
  world.host.kill(() => world.random.below(4))
  return true
}

export function startHost(world: World): boolean {
  if (world.host.alive) return false
  const beginning = world.random.of(['empty', 'snapshot', 'snapshot and log', 'snapshot and log'])
  world.tell(() => `a host starts: ${world.host.hasSnapshot ? beginning : 'empty'}`)
  world.host.start(beginning)
  return true
}

export function takeSnapshot(world: World): boolean {
  if (!world.host.alive) return false
  world.tell(() => 'the host takes a snapshot')
  world.host.snapshot()
  return true
}
