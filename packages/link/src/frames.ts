/** Frames: `u32le length | u8 codec | payload`, where `length` counts codec and payload. */
import { ProtocolError } from './protocol.ts'

const LENGTH_BYTES = 4
const HEADER_BYTES = LENGTH_BYTES + 1
const CODEC_JSON = 1

/** One frame that carries `json`. */
export function frameOf(json: string): Buffer {
  const payload = Buffer.byteLength(json)
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload)
  frame.writeUInt32LE(payload + 1, 0)
  frame[LENGTH_BYTES] = CODEC_JSON
  frame.write(json, HEADER_BYTES)
  return frame
}

/** Cuts a stream of chunks into messages. */
export class FrameReader {
  /** The largest length that a frame may announce. */
  limit: number
  #chunks: Buffer[] = []
  #buffered = 0
  #text = ''
  /** How many bytes have to be there before it is worth looking again. */
  #needed = HEADER_BYTES

  constructor(limit: number) {
    this.limit = limit
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#buffered += chunk.length
  }

  /**
   * The next whole message, or `undefined` until more has arrived. Throws a `ProtocolError` at what is no frame of
   * ours.
   */
  next(): unknown {
    if (this.#buffered < this.#needed) return undefined
    const bytes = this.#join()
    const length = bytes.readUInt32LE(0)
    if (length > this.limit) throw new ProtocolError(`a frame of ${length} bytes is above the limit of ${this.limit}`)
    if (length < 1 || bytes[LENGTH_BYTES] !== CODEC_JSON) throw new ProtocolError('unknown codec')
    const end = LENGTH_BYTES + length
    if (bytes.length < end) {
      this.#needed = end
      return undefined
    }
    this.#keep(bytes.subarray(end))
    this.#text = bytes.toString('utf8', HEADER_BYTES, end)
    return parse(this.#text)
  }

  /** The last message as it was sent, once: it is not held on to. */
  takeText(): string {
    const text = this.#text
    this.#text = ''
    return text
  }

  #join(): Buffer {
    const [first] = this.#chunks
    if (this.#chunks.length === 1 && first !== undefined) return first
    const joined = Buffer.concat(this.#chunks, this.#buffered)
    this.#chunks = [joined]
    return joined
  }

  #keep(rest: Buffer): void {
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#buffered = rest.length
    this.#needed = HEADER_BYTES
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json) as unknown
  } catch (cause) {
    throw new ProtocolError('a frame is not valid JSON', { cause })
  }
}
