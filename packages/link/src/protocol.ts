/**
 * The messages between a process and the host of the engine, one to a frame (`frames.ts`), each an array that begins
 * with its name.
 *
 * The client says HELLO and is answered WELCOME or REFUSED. Then it sends commands in BATCHes; the host answers each of
 * them, in order, in RESULTS. BYE is answered when everything sent before it has been applied and the client's leases
 * and waiters are freed. GOAWAY says why the host is about to cut.
 *
 * HELLO, WELCOME and REFUSED stay readable for every version to come; everything else belongs to the version agreed on.
 */
import type { Failure } from '@lockstep/state'

/** The range of versions that a side speaks. */
export interface Versions {
  readonly oldest: number
  readonly newest: number
}

export const VERSIONS: Versions = { oldest: 1, newest: 1 }

/**
 * Who a client is to its host. The host issues both; the secret proves that a new connection belongs to the same
 * process.
 */
export interface Identity {
  readonly client: string
  readonly secret: string
}

export interface Hello {
  readonly versions: Versions
  readonly token: string
  /** Sent when a lost connection is opened again. */
  readonly resume?: Identity
}

export interface Welcome {
  readonly version: number
  readonly identity: Identity
  /** How many commands may be unanswered at a time. */
  readonly credit: number
  /** The host is the one that this client spoke to before, and still knows what it was sent. */
  readonly resumed: boolean
}

export type ClientMessage =
  | readonly ['HELLO', Hello]
  /**
   * `first` numbers the first command, the others follow. The host applies none of them after `deadline` (milliseconds,
   * `monotonic()`).
   */
  | readonly ['BATCH', first: number, deadline: number, ...commands: unknown[]]
  | readonly ['PING']
  | readonly ['BYE']

export type HostMessage =
  | readonly ['WELCOME', Welcome]
  | readonly ['REFUSED', Failure]
  | readonly ['RESULTS', first: number, ...answers: unknown[]]
  /** Each owner may now take the lock that it waits for. */
  | readonly ['OFFERS', ...owners: string[]]
  /** With what its log says of itself, where the host has one: `LogHealth`. */
  | readonly ['PONG', durability?: string, ...warnings: string[]]
  | readonly ['BYE_OK']
  | readonly ['GOAWAY', reason: string]

/** The largest frame that a host takes, codec byte and payload, in bytes. */
export const MAX_FRAME: number = 8 * 1024 * 1024
/** The largest that it takes before HELLO has proved who speaks. */
export const MAX_HELLO = 4096
/** The largest frame that a client takes: a list of refusals can be much longer than the changes that were refused. */
export const MAX_RESULTS: number = 64 * 1024 * 1024
/** A batch is closed at this many commands, or characters, whichever comes first; one command may be longer. */
export const BATCH_COMMANDS = 512
export const BATCH_CHARACTERS: number = 64 * 1024
/** Unanswered bytes above which a side stops sending until the other has read. */
export const HIGH_WATER: number = 1024 * 1024

/** The other side broke the protocol. The message is the reason given with GOAWAY. */
export class ProtocolError extends Error {
  override readonly name: string = 'ProtocolError'
}

/** The newest version that both speak, or `undefined`. */
export function commonVersion(ours: Versions, theirs: Versions): number | undefined {
  const newest = Math.min(ours.newest, theirs.newest)
  return newest >= Math.max(ours.oldest, theirs.oldest) ? newest : undefined
}
