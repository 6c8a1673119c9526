import type { Board } from './board.ts'
import type { Route } from './tally.ts'

/** From a worker to the primary: somebody pressed a button, or this worker cannot start. */
export type FromWorker =
  | { readonly flashSale: 'rush'; readonly route: Route }
  | { readonly flashSale: 'kill'; readonly slot: number }
  | { readonly flashSale: 'failed'; readonly message: string }

/** From the primary to its workers. */
export interface ToWorker {
  readonly flashSale: 'board'
  readonly board: Board
}

// The channel between the primary and its workers also carries the messages of others.

export function isFromWorker(message: unknown): message is FromWorker {
  return typeof message === 'object' && message !== null && 'flashSale' in message
}

export function isToWorker(message: unknown): message is ToWorker {
  return typeof message === 'object' && message !== null && 'flashSale' in message
}
