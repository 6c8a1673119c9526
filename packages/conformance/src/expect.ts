import { isStateError, StateError, type ClusterState, type ErrorCode } from '@lockstep/state'
import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Trial } from './trial.ts'

/** The error that `call` rejects with, which must be that of this code. */
export async function rejection(call: Promise<unknown>, code: ErrorCode): Promise<StateError> {
  const error = await call.then(
    (value: unknown) => assert.fail(`expected ${code}, but the call resolved with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  assert.ok(isStateError(error) && error.code === code, `expected ${code}, got ${String(error)}`)
  assert.ok(error instanceof StateError && error.statusCode >= 400 && error.message !== '')
  return error
}

/** The same for calls under way. */
export async function rejections(calls: readonly Promise<unknown>[], code: ErrorCode): Promise<void> {
  await Promise.all(calls.map((call) => rejection(call, code)))
}

/** Two clients of the store. */
export async function twoClients(trial: Trial): Promise<[ClusterState, ClusterState]> {
  return [await trial.client(), await trial.client()]
}

/** Resolves when `condition` holds; fails after `patience` milliseconds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  patience = 3_000,
): Promise<void> {
  const end = performance.now() + patience
  while (!(await condition())) {
    if (performance.now() > end) assert.fail(`waited ${patience} ms in vain for ${what}`)
    await setTimeout(5)
  }
}

/** Milliseconds that `work` took, and what it resolved with. */
export async function timed<T>(work: () => Promise<T>): Promise<{ took: number; result: T }> {
  const started = performance.now()
  const result = await work()
  return { took: performance.now() - started, result }
}

/** `work(0)`, …, `work(count - 1)`, all at once. */
export function together<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => work(index)))
}

/** A duration that was asked for as `ttl` and of which a little may be over by now. */
export function assertLeft(left: number | null, ttl: number): void {
  assert.ok(left !== null && left > 0 && left <= ttl, `expected up to ${ttl} ms to be left, got ${left}`)
}
