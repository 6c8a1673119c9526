import { abort, call } from './callers.ts'
import {
  breakLink,
  closeWorker,
  cutLink,
  killHost,
  killWorker,
  replace,
  resumeWorker,
  startHost,
  stopWorker,
  takeSnapshot,
} from './faults.ts'
import { pick } from './pick.ts'
import {
  advance,
  deliverToHost,
  deliverToWorker,
  fireTimer,
  jump,
  passBriefly,
  passToNext,
  setWallClock,
  tick,
} from './progress.ts'
import type { Worker } from './worker.ts'
import type { World } from './world.ts'

type Step = (world: World) => boolean

/** How often each step is tried, of the sum of all. A step that cannot be done is followed by the one that comes next in time. */
const frequencies: readonly (readonly [Step, calm: number, stormy: number])[] = [
  [deliverToHost, 56, 48],
  [deliverToWorker, 48, 40],
  [callSomething, 52, 48],
  [fireTimer, 20, 20],
  [passBriefly, 20, 16],
  [passToNext, 20, 16],
  [tick, 8, 6],
  [abortSomething, 4, 4],
  [breakLink, 3, 10],
  [cutLink, 2, 6],
  [killWorker, 1, 5],
  [stopWorker, 3, 7],
  [resumeWorker, 5, 10],
  [closeWorker, 1, 2],
  [killHost, 1, 4],
  [startHost, 6, 8],
  [takeSnapshot, 1, 2],
  [setWallClock, 3, 4],
  [jump, 2, 4],
]

const weathers = [table(1), table(2)] as const

/** One step, decided by one number. */
export function step(world: World, choice: number, stormy: boolean): void {
  const { random } = world
  random.reseed(choice)
  const [calm, storm] = weathers
  const steps = stormy ? storm : calm
  const chosen = steps[random.below(steps.length)]
  if (chosen === undefined || !chosen(world)) advance(world)
  for (const [index, worker] of world.workers.entries()) {
    if (worker.gone) replace(world, index, Infinity)
  }
  world.check()
}

function table(column: 1 | 2): Step[] {
  return frequencies.flatMap((row) => Array.from({ length: row[column] }, () => row[0]))
}

function callSomething(world: World): boolean {
  const worker = pick(world, world.workers, isOpen)
  if (worker === undefined) return false
  for (let calls = world.random.oneIn(4) ? 3 : 1; calls > 0; calls--) call(worker, world.random)
  worker.endTurn()
  return true
}

function isOpen({ stopped, closing, link }: Worker): boolean {
  return !stopped && !closing && link.identity !== undefined
}

function abortSomething(world: World): boolean {
  const worker = pick(world, world.workers, isOpen)
  if (worker === undefined) return false
  abort(worker, world.random)
  worker.endTurn()
  return true
}
