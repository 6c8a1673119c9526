/**
 * Records: `u32le length | u32le CRC-32 | payload`. The payload is JSON; the checksum is that of the length and of the
 * payload, so that no flipped bit moves the border of a record unseen.
 */
import { crc32 } from 'node:zlib'

export const HEADER_BYTES = 8
const LENGTH_BYTES = 4
/** The longest payload: far above the longest batch that a host takes. */
export const MAX_PAYLOAD: number = 64 * 1024 * 1024

export function recordOf(json: string): Buffer {
  const length = Buffer.byteLength(json)
  const record = Buffer.allocUnsafe(HEADER_BYTES + length)
  record.writeUInt32LE(length, 0)
  record.write(json, HEADER_BYTES)
  record.writeUInt32LE(checksum(record), LENGTH_BYTES)
  return record
}

/** The payload of the record that begins at `offset`; `undefined`: there is no whole record. */
export function payloadAt(bytes: Buffer, offset: number): Buffer | undefined {
  if (bytes.length - offset < HEADER_BYTES) return undefined
  const length = bytes.readUInt32LE(offset)
  const end = offset + HEADER_BYTES + length
  if (length > MAX_PAYLOAD || end > bytes.length || !looksLikeJson(bytes, offset + HEADER_BYTES, end)) return undefined
  const record = bytes.subarray(offset, end)
  return checksum(record) === record.readUInt32LE(LENGTH_BYTES) ? record.subarray(HEADER_BYTES) : undefined
}

/** Cheap, so that a search over every offset is. */
function looksLikeJson(bytes: Buffer, start: number, end: number): boolean {
  const [first, last] = [bytes[start], bytes[end - 1]]
  return (first === 0x5b && last === 0x5d) || (first === 0x7b && last === 0x7d)
}

function checksum(record: Buffer): number {
  return crc32(record.subarray(HEADER_BYTES), crc32(record.subarray(0, LENGTH_BYTES)))
}
