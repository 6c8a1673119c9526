import type { Command, Time } from '@lockstep/engine'
import type { Failure } from '@lockstep/state'
import { encodeAnswer } from './answers.ts'
import { decodeCommand } from './commands.ts'
import { Fields } from './fields.ts'
import { changes } from './log.ts'
import { BATCH_COMMANDS, ProtocolError } from './protocol.ts'
import type { EngineRunner } from './runner.ts'

/** A frame of answers is closed at this many characters; one answer may be longer. */
const RESULTS_CHARACTERS = 256 * 1024
/** What precedes the commands in a message. */
const PREFIX = 3
/** Characters that an answer is expected to have: of a change, of anything else; and of an entry, which nobody knows before. */
const USUAL_ANSWER = 64
const USUAL_ENTRY = 4096

/** The commands of one frame, on the host's side. */
export class Batch {
  readonly #message: readonly unknown[]
  readonly #text: string
  readonly #first: number
  readonly #deadline: number
  readonly #commands: Command[] = []
  #next = 0
  /** What is executed at one time ends before this command. */
  #end = 0
  #time: Time = { now: 0, wall: 0 }
  /** The log keeps what lies between `#next` and `#end`. */
  #kept = false
  /** The log does not: nothing of it that changes may be executed. */
  #refusal: Failure | undefined

  /** `text`: the message as JSON. Throws a `ProtocolError` if any of the commands is ill-formed: then none of them is executed. */
  constructor(message: readonly unknown[], text: string) {
    this.#message = message
    this.#text = text
    const fields = new Fields(message)
    fields.any()
    this.#first = fields.count()
    this.#deadline = fields.duration()
    if (fields.left > BATCH_COMMANDS) throw new ProtocolError(`more than ${BATCH_COMMANDS} commands in one batch`)
    while (fields.left > 0) this.#commands.push(decodeCommand(fields.any()))
  }

  get done(): boolean {
    return this.#next === this.#commands.length
  }

  /** The log keeps what comes next: it has to be executed before anything else is. */
  get committed(): boolean {
    return this.#kept && this.#next < this.#end
  }

  /**
   * Execute as many of the commands as fit one frame of answers, all at one time, and answer with that frame's message
   * as JSON.
   */
  execute(runner: EngineRunner, client: string): string {
    if (!this.committed) this.#begin(runner, client)
    let results = `["RESULTS",${this.#first + this.#next}`
    while (results.length < RESULTS_CHARACTERS && this.#next < this.#end) {
      const command = this.#commands[this.#next]
      if (command === undefined) break
      this.#next++
      const refusal = this.#refusal !== undefined && changes(command) ? this.#refusal : undefined
      const answer = encodeAnswer(command.op, refusal ?? runner.execute(client, command, this.#deadline, this.#time))
      results += typeof answer === 'number' ? `,${answer}` : `,${JSON.stringify(answer)}`
    }
    return `${results}]`
  }

  #begin(runner: EngineRunner, client: string): void {
    this.#time = runner.time()
    this.#end = this.#commands.length
    this.#kept = false
    this.#refusal = undefined
    if (runner.log === undefined || this.#time.now > this.#deadline) return
    const changing = this.#cut()
    if (changing.length === 0) return
    // As a rule all of them change and are executed at once, and their text need not be written anew.
    const whole = changing.length === this.#commands.length
    const commands = whole ? commandsIn(this.#text) : JSON.stringify(changing).slice(1, -1)
    this.#refusal = runner.keep(client, commands, this.#time)
    this.#kept = this.#refusal === undefined
  }

  /** Set `#end` so that what is kept at once is answered in a frame or a few. Answers with what has to be kept, as it was sent. */
  #cut(): unknown[] {
    const changing: unknown[] = []
    let expected = 0
    let index = this.#next
    for (; index < this.#commands.length && expected < RESULTS_CHARACTERS; index++) {
      const command = this.#commands[index]
      if (command === undefined) break
      expected += expectedAnswer(command)
      if (changes(command)) changing.push(this.#message[PREFIX + index])
    }
    this.#end = index
    return changing
  }
}

/** What follows the prefix, in which there are no other commas. */
function commandsIn(text: string): string {
  let start = 0
  for (let field = 0; field < PREFIX; field++) start = text.indexOf(',', start) + 1
  return text.slice(start, text.lastIndexOf(']'))
}

/** In characters. */
function expectedAnswer(command: Command): number {
  switch (command.op) {
    case 'readEntry':
      return USUAL_ENTRY
    case 'extend':
      return USUAL_ANSWER * command.leases.length
    case 'addAll':
    case 'changeCounter':
    case 'changeEntry':
      return USUAL_ANSWER * command.changes.length
    default:
      return USUAL_ANSWER
  }
}
