import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { expect, test } from 'vitest'
import {
  firstWall,
  histories,
  lockNames,
  Model,
  presentVersion,
  type Step,
  type TimedStep,
} from '@lockstep/conformance'
import { type Command, Engine, type EngineOptions, type SnapshotRecord } from '../src/index.ts'

const operationRetention = 5_000

/** The engine and the model, given the same commands and times. */
class Pair {
  readonly #time = { now: 0, wall: firstWall }
  readonly #offers = { engine: [] as string[], model: [] as string[] }
  readonly #options: EngineOptions = {
    started: { now: 0, wall: firstWall },
    onOffer: (client, owner) => this.#offers.engine.push(`${client} ${owner}`),
    operationRetention,
  }
  readonly #model = new Model({
    fenceFloor: firstWall,
    operationRetention,
    onOffer: (client, owner) => this.#offers.model.push(`${client} ${owner}`),
  })
  #engine = new Engine(this.#options)
  #sequence = 0

  pass(milliseconds: number, wallMicroseconds: number, ticking: boolean): void {
    this.#time.now += milliseconds
    this.#time.wall += wallMicroseconds
    if (ticking) this.#engine.tick(this.#time)
    // An offer begins when a command meets the lock: let one meet each at the same times, which changes nothing else.
    for (const name of lockNames) {
      this.#compareAnswers('observer', { op: 'cancel', name, owner: 'observer' })
      this.#compareAnswers('observer', { op: 'inspect', name })
    }
    this.#compareOffers()
  }

  execute(client: string, generated: Step): void {
    const step = this.#complete(generated)
    if (step.op === 'dropClient') {
      this.#engine.dropClient(client, this.#time, step)
      this.#model.execute(client, step, this.#time)
    } else {
      this.#compareAnswers(client, step)
    }
    this.#compareOffers()
  }

  /** What the engine knows goes through a file. */
  restart(): void {
    const records = JSON.parse(JSON.stringify(this.#engine.snapshot(this.#time))) as SnapshotRecord[]
    this.#engine = Engine.restore(records, { ...this.#options, started: this.#time })
    this.#model.restart(this.#time)
  }

  #compareAnswers(client: string, command: Command): void {
    const answer = this.#engine.execute(client, command, this.#time)
    const expected = this.#model.execute(client, command, this.#time)
    // The adapter contract has no answer to a cancel.
    if (command.op !== 'cancel') assert.deepEqual(comparable(answer), comparable(expected))
    // What is numbered may arrive twice.
    if ('sequence' in command) assert.deepEqual(this.#engine.execute(client, command, this.#time), answer)
  }

  /** Several locks may be offered at one time, in any order. */
  #compareOffers(): void {
    assert.deepEqual(this.#offers.engine.splice(0).toSorted(), this.#offers.model.splice(0).toSorted())
  }

  #complete(step: Step): Step {
    if (!('sequence' in step)) return step
    const sequence = (this.#sequence += 1)
    if (step.op !== 'changeEntry') return { ...step, sequence }
    const version = this.#model.entries.version(step.name, this.#time)
    const changes = step.changes.map((change) =>
      change.kind === 'set' && change.ifVersion === presentVersion ? { ...change, ifVersion: version } : change,
    )
    return { ...step, sequence, changes }
  }
}

/** Failures are compared by code: the engine's messages are for people. */
function comparable(answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map(comparable)
  return typeof answer === 'object' && answer !== null && 'code' in answer ? answer.code : answer
}

function run(history: readonly TimedStep[], { ticking, restartAt }: { ticking: boolean; restartAt: number }): void {
  const pair = new Pair()
  for (const [index, { client, after, wallAfter, step }] of history.entries()) {
    if (index === restartAt) pair.restart()
    pair.pass(after, wallAfter, ticking)
    pair.execute(client, step)
  }
}

test('the engine answers as the naive model does, ticking or not, and after a restart from its snapshot', () => {
  const circumstances = fc.record({ ticking: fc.boolean(), restartAt: fc.nat({ max: 120 }) })
  fc.assert(
    fc.property(histories, circumstances, (history, circumstance) => {
      expect(() => run(history, circumstance)).not.toThrow()
    }),
    { numRuns: 2_000 },
  )
})
