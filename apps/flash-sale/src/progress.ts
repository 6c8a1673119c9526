import type { WriteStream } from 'node:tty'

/** Milliseconds between two lines where a line cannot be rewritten. */
const interval = 1_000

/** One line that tells how far things are: rewritten in place on a terminal, repeated once a second elsewhere. */
export class ProgressLine {
  readonly #stream: WriteStream
  #written = 0

  constructor(stream: WriteStream) {
    this.#stream = stream
  }

  show(text: string): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\u001B[K${text}`)
    else if (performance.now() - this.#written >= interval) {
      this.#written = performance.now()
      this.#stream.write(`${text}\n`)
    }
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\u001B[K')
  }
}
