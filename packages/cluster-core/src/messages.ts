/**
 * What primary and worker say to each other over the channel of node:cluster. Anything else on it is somebody else's
 * and is left alone, in both directions.
 */

/** `ready`: worker to primary. `drain`: primary to worker. */
export type MessageType = 'ready' | 'drain'

const version = 1

interface Envelope {
  /** The version of this protocol, which is also the mark by which a message is known as ours. */
  readonly lockstep: typeof version
  readonly type: MessageType
}

/** Whether a value that came over the channel is this message. */
export function isMessage(value: unknown, type: MessageType): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { lockstep, type: found } = value as Partial<Envelope>
  return lockstep === version && found === type
}

/** An end of the channel: the worker's own `process`, or the primary's view of a worker. */
export type Peer = Pick<NodeJS.Process, 'send'>

/** Send, and never throw: a peer that is going away is told nothing any more, and its end is seen as such. */
export function post(peer: Peer, type: MessageType): void {
  peer.send?.({ lockstep: version, type } satisfies Envelope, undefined, undefined, () => {})
}
