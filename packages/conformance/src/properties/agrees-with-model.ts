import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { Model } from '../model/model.ts'
import { presentVersion } from '../model/steps.ts'
import { modelCaller } from './model-caller.ts'
import { parameters, type PropertyOptions } from './options.ts'
import { plans, type Planned } from './plans.ts'
import type { Caller, StateCall } from './state-call.ts'

/**
 * Random calls, one after another by any of the clients, are answered as the naive model answers them. Rejects with the
 * shortest plan found that is not, and its seed.
 */
export async function agreesWithModel(options: PropertyOptions): Promise<void> {
  const { callers, prefix } = options
  let run = 0
  const property = fc.asyncProperty(plans(callers.length), (plan) => compare(callers, `${prefix}${(run += 1)}`, plan))
  await fc.assert(property, parameters(options))
}

async function compare(callers: readonly Caller[], prefix: string, plan: readonly Planned[]): Promise<void> {
  const model = new Model()
  const tested = new Side(callers, prefix)
  const expected = new Side(
    callers.map((_, client) => modelCaller(model, `${client}`)),
    prefix,
  )
  for (const [index, planned] of plan.entries()) {
    const answers = await Promise.all([tested.make(planned), expected.make(planned)])
    assert.deepEqual(answers[0], answers[1], `the answer to call ${index + 1} of ${plan.length}`)
  }
}

/** The clients of one store. Versions and tokens differ from store to store, so each side knows its own. */
class Side {
  readonly #callers: readonly Caller[]
  readonly #prefix: string
  /** The highest version of each entry and token of each lock. */
  readonly #highest = new Map<string, number>()

  constructor(callers: readonly Caller[], prefix: string) {
    this.#callers = callers
    this.#prefix = prefix
  }

  /** The answer, as far as it has to be the same for every store. */
  async make({ client, call }: Planned): Promise<unknown> {
    const caller = this.#callers[client]
    assert.ok(caller !== undefined)
    const answer = await caller(this.#placed(call))
    if (!isRecord(answer)) return answer
    if (call.do === 'locks.tryAcquire') this.#grow(`lock ${call.name}`, answer['token'])
    if (call.do === 'entries.set' && answer['applied'] === true) this.#grow(`entry ${call.name}`, answer['version'])
    return comparable(answer)
  }

  #placed(call: StateCall): StateCall {
    if (call.do === 'locks.release') return { ...call, lease: this.#prefix + call.lease }
    if (call.do === 'counters.addAll') {
      return {
        ...call,
        additions: call.additions.map((addition) => ({ ...addition, name: this.#prefix + addition.name })),
      }
    }
    const placed = { ...call, name: this.#prefix + call.name }
    if (placed.do === 'locks.tryAcquire') return { ...placed, lease: this.#prefix + placed.lease }
    if (placed.do !== 'entries.set' || placed.ifVersion !== presentVersion) return placed
    return { ...placed, ifVersion: this.#highest.get(`entry ${call.name}`) ?? 0 }
  }

  #grow(what: string, value: unknown): void {
    const highest = this.#highest.get(what) ?? 0
    assert.ok(typeof value === 'number' && value > highest, `${what} went from ${highest} to ${String(value)}`)
    this.#highest.set(what, value)
  }
}

function isRecord(answer: unknown): answer is Record<string, unknown> {
  return typeof answer === 'object' && answer !== null
}

/**
 * Without what depends on the store and its clock: which version or token, how much is left. Not every store counts
 * waiters.
 */
function comparable({ waiters: _waiters, ...answer }: Record<string, unknown>): Record<string, unknown> {
  const isThere = (key: string): object => (key in answer ? { [key]: Boolean(answer[key]) } : {})
  return { ...answer, ...isThere('version'), ...isThere('token'), ...isThere('expiresIn') }
}
