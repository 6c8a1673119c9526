import { readSync } from 'node:fs'
import { HEADER_BYTES, MAX_PAYLOAD, lengthAt, payloadAt } from './record.ts'

/** Bytes read at once. */
const WINDOW: number = 4 * 1024 * 1024

/** Where reading ended. */
export interface End {
  /** The records before it are whole. */
  readonly offset: number
  /** Where the next whole record begins, if one does: then what lies between is damaged, and not just unfinished. */
  readonly next: number | undefined
}

/** Hand over the payload of every record, and where it ends, from the start of a file, up to its end or to the first that is not whole. */
export function readRecords(fd: number, size: number, take: (payload: unknown, end: number) => void): End {
  let offset = 0
  let window = readAt(fd, 0, Math.min(WINDOW, size))
  let start = 0
  while (offset < size) {
    const payload = payloadAt(window, offset - start)
    if (payload !== undefined) {
      const end = offset + HEADER_BYTES + payload.length
      take(JSON.parse(payload.toString()), end)
      offset = end
      continue
    }
    // The record may be damaged, or merely go on where the window ends.
    const wanted = Math.min(size - offset, needed(window, offset - start))
    if (start === offset && window.length >= wanted) return { offset, next: findRecord(fd, offset + 1, size) }
    window = readAt(fd, offset, wanted)
    start = offset
  }
  return { offset, next: undefined }
}

/** How much has to be there to judge the record, and some more for those after it. */
function needed(window: Buffer, at: number): number {
  return HEADER_BYTES + Math.min(lengthAt(window, at) ?? 0, MAX_PAYLOAD) + WINDOW
}

/** The first offset from which a whole record can be read. */
function findRecord(fd: number, from: number, size: number): number | undefined {
  const span = HEADER_BYTES + MAX_PAYLOAD
  for (let start = from; start < size; start += span) {
    // Twice, so that a record that begins in the first half is whole.
    const window = readAt(fd, start, Math.min(2 * span, size - start))
    for (let at = 0; at < Math.min(span, window.length); at++) {
      if (payloadAt(window, at) !== undefined) return start + at
    }
  }
  return undefined
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  let filled = 0
  while (filled < length) {
    const read = readSync(fd, bytes, filled, length - filled, position + filled)
    if (read === 0) break
    filled += read
  }
  return bytes.subarray(0, filled)
}
