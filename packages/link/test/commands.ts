import type { Command } from '@lockstep/engine'
import { monotonic } from '@lockstep/state'
import type { CounterChange } from '@lockstep/state'

/** A deadline that no test reaches. */
export function later(): number {
  return monotonic() + 20_000
}

export function add(name: string, sequence: number, delta: number): Command<'changeCounter'> {
  return change(name, sequence, { kind: 'add', delta })
}

export function change(name: string, sequence: number, ...changes: CounterChange[]): Command<'changeCounter'> {
  return { op: 'changeCounter', name, sequence, changes }
}

export function acquire(name: string, owner: string, wait = 0): Command<'acquire'> {
  return { op: 'acquire', name, owner, ttl: 10_000, wait }
}

export function write(name: string, sequence: number, value: string): Command<'changeEntry'> {
  return { op: 'changeEntry', name, sequence, changes: [{ kind: 'set', value }] }
}
