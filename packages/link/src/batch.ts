import type { Command } from '@lockstep/engine'
import { encodeAnswer } from './answers.ts'
import { decodeCommand } from './commands.ts'
import { Fields } from './fields.ts'
import { BATCH_COMMANDS, ProtocolError } from './protocol.ts'
import type { EngineRunner } from './runner.ts'

/** A frame of answers is closed at this many characters; one answer may be longer. */
const RESULTS_CHARACTERS = 256 * 1024

/** The commands of one frame, on the host's side. */
export class Batch {
  readonly #first: number
  readonly #deadline: number
  readonly #commands: Command[] = []
  #next = 0

  /** Throws a `ProtocolError` if any of the commands is ill-formed: then none of them is executed. */
  constructor(message: readonly unknown[]) {
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

  /**
   * Execute as many of the commands as fit one frame of answers, all at one time, and answer with that frame's message
   * as JSON.
   */
  execute(runner: EngineRunner, client: string): string {
    const time = runner.time()
    let results = `["RESULTS",${this.#first + this.#next}`
    while (results.length < RESULTS_CHARACTERS) {
      const command = this.#commands[this.#next]
      if (command === undefined) break
      this.#next++
      const answer = encodeAnswer(command.op, runner.execute(client, command, this.#deadline, time))
      results += typeof answer === 'number' ? `,${answer}` : `,${JSON.stringify(answer)}`
    }
    return `${results}]`
  }
}
