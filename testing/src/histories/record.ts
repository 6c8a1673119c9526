import { openSync, writeSync } from 'node:fs'
import { isStateError } from '@lockstep/state'
import { now } from '../now.ts'
import type { Operation } from './operation.ts'

/** A line of the file: a call begins, or ends. The two have the same `id`, which is the file's own. */
export type Line = { readonly id: number } & (
  | Pick<Operation, 'client' | 'call' | 'from'>
  | Required<Pick<Operation, 'to' | 'answer'>>
  | Required<Pick<Operation, 'to' | 'failed'>>
)

/** Writes a history down as JSON lines, each before anything else happens, so that it holds whatever becomes of the process. */
export class Recorder {
  readonly #file: number
  #ids = 0

  constructor(file: string) {
    this.#file = openSync(file, 'a')
  }

  /**
   * Make the call, which resolves with its answer as plain data, or with `{ failed: code }`. Resolves with the answer, of which nothing is `null` as in JSON, or with
   * `undefined` if the call has failed. Rejects never.
   */
  async record(client: string, call: unknown, make: () => Promise<unknown>): Promise<unknown> {
    const id = (this.#ids += 1)
    this.#note({ id, client, call, from: now() })
    const { failed, answer = null } = await outcomeOf(make)
    if (failed === undefined) this.#note({ id, to: now(), answer })
    else this.#note({ id, to: now(), failed })
    return failed === undefined ? answer : undefined
  }

  #note(line: Line): void {
    writeSync(this.#file, `${JSON.stringify(line)}\n`)
  }
}

async function outcomeOf(make: () => Promise<unknown>): Promise<Pick<Operation, 'answer' | 'failed'>> {
  try {
    const answer = await make()
    return isFailed(answer) ? answer : { answer }
  } catch (error) {
    return { failed: isStateError(error) ? error.code : String(error) }
  }
}

function isFailed(answer: unknown): answer is { readonly failed: string } {
  return typeof answer === 'object' && answer !== null && 'failed' in answer
}
