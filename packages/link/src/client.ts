import type { Answer, Command, Operation } from '@lockstep/engine'
import type { LockListener } from '@lockstep/state'
import type { LogHealth } from './log.ts'

/** An engine as a process reaches it: in the process itself (`openLocal`) or over the link (`connectLink`). */
export interface EngineClient {
  /**
   * Resolves with the answer; where a failure stands for it, rejects with its error. `deadline` is in milliseconds on
   * `monotonic()`: what reaches the engine later is refused, commands that travel together by the latest deadline among
   * them. A call settles at most a quarter of a second after its own.
   *
   * Rejects with `OutcomeUnknownError` for a change that was sent and whose answer cannot be learned, with
   * `UnavailableError` for anything else that was not answered (a change is then certain not to have been applied), with
   * `CapacityError` when too much waits to be sent or too much is asked for in one command, and with `ClosedError` after
   * `close`.
   */
  send<O extends Operation>(command: Command<O>, deadline: number): Promise<Answer<O>>
  /** To be called once, before the first command. */
  listen(listener: LockListener): void
  /** Resolves when the engine has answered, with what its log says of itself where it has one. */
  ping(deadline: number): Promise<LogHealth | undefined>
  /** Send what is waiting, give back leases and places in queues, and end. Idempotent; takes little more than two seconds. */
  close(): Promise<void>
}
