import type { Command, Operation } from '@lockstep/engine'
import { CapacityError, OutcomeUnknownError, UnavailableError, errorFrom } from '@lockstep/state'
import type { Failure } from '@lockstep/state'
import { decodeAnswer, isRefusal } from './answers.ts'
import { encodeCommand } from './commands.ts'
import { MAX_FRAME } from './protocol.ts'

/** What a batch spends on anything but its commands, at most. */
const BATCH_OVERHEAD = 128

/** What is asked of the host. Commands share a frame, the others have one of their own. */
export type Request = Command | 'PING' | 'BYE'

/** One request of a caller, from `send` to its answer. */
export class Call {
  readonly kind: 'COMMAND' | 'PING' | 'BYE'
  /** The command as it is sent, and sent again unchanged if the link is lost. */
  readonly json: string
  readonly deadline: number
  /** It may be sent a second time: nothing changes by that, or the engine knows a repeat by its sequence. */
  readonly repeatable: boolean
  /** How often it was sent. */
  sends = 0
  settled = false
  readonly #op: Operation | undefined
  readonly #changes: boolean
  readonly #resolve: (answer: unknown) => void
  readonly #reject: (error: Error) => void

  /**
   * Throws a `CapacityError` at a command that fits no frame. `resolve` is given the answer of the request's own
   * operation.
   */
  constructor(request: Request, deadline: number, resolve: (answer: unknown) => void, reject: (error: Error) => void) {
    const command = typeof request === 'object' ? request : undefined
    const sequence = command !== undefined && 'sequence' in command ? command.sequence : undefined
    this.kind = typeof request === 'string' ? request : 'COMMAND'
    this.json = command === undefined ? '' : jsonOf(command)
    this.deadline = deadline
    this.repeatable = sequence !== 0
    this.#op = command?.op
    this.#changes = sequence !== undefined
    this.#resolve = resolve
    this.#reject = reject
  }

  /** The host has answered. Throws a `ProtocolError`, and stays unsettled, at what is no answer to this request. */
  answer(value: unknown): void {
    if (this.settled) return
    const answer = this.#op === undefined ? value : decodeAnswer(this.#op, value)
    this.settled = true
    if (isRefusal(answer)) this.#reject(this.#refusal(answer))
    else this.#resolve(answer)
  }

  /** It was sent and would change something: without an answer, nobody knows whether it has. */
  get uncertain(): boolean {
    return this.#changes && this.sends > 0
  }

  /** Settle it if its deadline has passed. */
  expire(now: number): void {
    if (this.deadline < now) this.fail('The Lockstep host did not answer in time')
  }

  /** No answer will come: reject with what is then true of the request. */
  fail(reason: string, cause?: Error): void {
    if (this.settled) return
    this.settled = true
    this.#reject(
      this.uncertain
        ? new OutcomeUnknownError(`${reason}; the change was sent and may have been applied`, { cause })
        : new UnavailableError(reason, { cause }),
    )
  }

  // A repeat that came too late says nothing about the first sending.
  #refusal(failure: Failure): Error {
    const unknown = this.#changes && this.sends > 1 && failure.code === 'LOCKSTEP_UNAVAILABLE'
    return unknown ? new OutcomeUnknownError(failure.message) : errorFrom(failure)
  }
}

function jsonOf(command: Command): string {
  const json = JSON.stringify(encodeCommand(command))
  // No character takes more than three bytes in UTF-8.
  const most = MAX_FRAME - BATCH_OVERHEAD
  if (json.length * 3 <= most || Buffer.byteLength(json) <= most) return json
  throw new CapacityError(
    `A command of ${json.length} characters is too long for the link to the primary: at most ${most} bytes`,
  )
}
