import { expect, test } from 'vitest'
import { FrameReader, frameOf } from '../src/frames.ts'

const messages = [['PING'], ['BATCH', 1, 2.5, [6, 'naïve 🛒', 1, 5]], 'x'.repeat(300), null, 7]
const stream = Buffer.concat(messages.map((message) => frameOf(JSON.stringify(message))))

function readAll(reader: FrameReader): unknown[] {
  const read: unknown[] = []
  for (let message = reader.next(); message !== undefined; message = reader.next()) read.push(message)
  return read
}

test.each([1, 2, 3, 4, 5, 6, 7, 64, stream.length])(
  'a stream in chunks of %i bytes gives the same messages',
  (size) => {
    const reader = new FrameReader(1024)
    const read: unknown[] = []
    for (let at = 0; at < stream.length; at += size) {
      reader.push(stream.subarray(at, at + size))
      read.push(...readAll(reader))
    }
    expect(read).toStrictEqual(messages)
  },
)

test('a frame is u32le length, u8 codec, payload', () => {
  expect([...frameOf('[1]')]).toStrictEqual([4, 0, 0, 0, 1, ...Buffer.from('[1]')])
})

test('half a frame is no message', () => {
  const reader = new FrameReader(1024)
  reader.push(frameOf('["PING"]').subarray(0, -1))
  expect(reader.next()).toBeUndefined()
})

test('a length above the limit is refused before its bytes have come', () => {
  const reader = new FrameReader(1024)
  reader.push(Buffer.from([1, 4, 0, 0, 1]))
  expect(() => reader.next()).toThrow('a frame of 1025 bytes is above the limit of 1024')
})

test.each([
  ['another codec', Buffer.from([2, 0, 0, 0, 9, 49])],
  ['no codec', Buffer.from([0, 0, 0, 0, 1])],
  ['invalid JSON', frameOf('[1')],
  ['nothing', frameOf('')],
])('%s is refused', (_, bytes) => {
  const reader = new FrameReader(1024)
  reader.push(bytes)
  expect(() => reader.next()).toThrow(expect.objectContaining({ name: 'ProtocolError' }))
})
