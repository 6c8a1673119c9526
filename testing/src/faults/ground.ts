import type { AdapterChoice } from '../members/adapter.ts'
import { type FaultProxy, type PortProxy, startFaultProxy } from '../proxy.ts'

/** A way to the store that can be harmed; it ends with the scenario. */
export interface Way extends AsyncDisposable {
  readonly proxy: FaultProxy
  /** For members that go this way. */
  readonly choice: AdapterChoice
}

/** Where a scenario takes place: a store that processes reach, and what can be done to it. */
export interface Ground {
  /** As in the report: `'redis'`. */
  readonly adapter: string
  /** What keeps the state, with its version: `'redis-server 7.0.15'`. */
  readonly store: string
  /** For members that reach the store directly. */
  readonly direct: AdapterChoice
  way(): Promise<Way>
  /** The store stands still (SIGSTOP). */
  pause(): Promise<void>
  resume(): void
}

/** The way through a proxy of its own to a server on this port of 127.0.0.1. */
export async function wayTo(port: number, choiceAt: (proxy: PortProxy) => AdapterChoice): Promise<Way> {
  const proxy = await startFaultProxy({ port })
  return { proxy, choice: choiceAt(proxy), [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]() }
}

/** Something that is done to a way or to the store behind it, while others work. */
export type Harm = (proxy: FaultProxy) => Promise<void> | void

/** Connections are broken, and new ones refused, until the proxy is healed. */
export function breakAndRefuse(proxy: FaultProxy): void {
  proxy.refuse()
  proxy.reset()
}
