/**
 * Records: `u32le CRC-32 | u32le length | payload`. The payload is JSON; the checksum is that of all that follows it, so
 * that no flipped bit moves the border of a record unseen.
 */
import { crc32 } from 'node:zlib'

export const HEADER_BYTES = 8
const CHECKSUM_BYTES = 4
/** The longest payload: far above the longest batch that a host takes. */
export const MAX_PAYLOAD: number = 64 * 1024 * 1024
/** As UTF-8 has them, at most, for each that a string has. */
const BYTES_PER_CHARACTER = 3

export function recordOf(json: string): Buffer {
  const record = Buffer.allocUnsafe(HEADER_BYTES + Buffer.byteLength(json))
  record.write(json, HEADER_BYTES)
  return sealed(record)
}

/** The same in the bytes of `scratch`, where they are enough: good until they are used for the next. */
export function recordIn(scratch: Buffer, json: string): Buffer {
  if (HEADER_BYTES + json.length * BYTES_PER_CHARACTER > scratch.length) return recordOf(json)
  return sealed(scratch.subarray(0, HEADER_BYTES + scratch.write(json, HEADER_BYTES)))
}

/** The payload of the record that begins at `offset`; `undefined`: there is no whole record. */
export function payloadAt(bytes: Buffer, offset: number): Buffer | undefined {
  const length = lengthAt(bytes, offset)
  if (length === undefined || length > MAX_PAYLOAD) return undefined
  const start = offset + HEADER_BYTES
  const end = start + length
  if (end > bytes.length || !looksLikeJson(bytes, start, end)) return undefined
  const record = bytes.subarray(offset, end)
  return checksum(record) === record.readUInt32LE(0) ? record.subarray(HEADER_BYTES) : undefined
}

/** What the record that begins at `offset` says of its length; `undefined`: its header is not there as a whole. */
export function lengthAt(bytes: Buffer, offset: number): number | undefined {
  return bytes.length - offset < HEADER_BYTES ? undefined : bytes.readUInt32LE(offset + CHECKSUM_BYTES)
}

function sealed(record: Buffer): Buffer {
  record.writeUInt32LE(record.length - HEADER_BYTES, CHECKSUM_BYTES)
  record.writeUInt32LE(checksum(record), 0)
  return record
}

function checksum(record: Buffer): number {
  return crc32(record.subarray(CHECKSUM_BYTES))
}

/** Cheap, so that a search over every offset is. */
function looksLikeJson(bytes: Buffer, start: number, end: number): boolean {
  const [first, last] = [bytes[start], bytes[end - 1]]
  return (first === 0x5b && last === 0x5d) || (first === 0x7b && last === 0x7d)
}
