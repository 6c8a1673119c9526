/** The Kafka protocol, as much of it as seeing a cluster ready takes: https://kafka.apache.org/protocol.html */
import { createConnection } from 'node:net'

/** Milliseconds without a sign of the broker after which its answer is given up. */
const patience = 2_000

/** Metadata, in a version that Kafka 2.0 to 4.x speak, about no topic. */
const request = Buffer.concat([
  Buffer.from([0, 0, 0, 15]), // the length of the rest
  Buffer.from([0, 3, 0, 4, 0, 0, 0, 0, 0xff, 0xff]), // Metadata, version 4, a correlation id, no client id
  Buffer.from([0, 0, 0, 0, 0]), // no topic, and create none
])

/** How many brokers the one at this port, by default of 127.0.0.1, knows to be alive. Rejects when it does not answer. */
export function countBrokers(port: number, host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const connection = createConnection({ host, port, timeout: patience })
    let received = Buffer.alloc(0)
    connection.on('data', (piece) => {
      received = Buffer.concat([received, piece])
      // The length, the correlation id, a throttle time, and then the brokers.
      if (received.length < 16) return
      resolve(received.readInt32BE(12))
      connection.destroy()
    })
    connection.on('timeout', () => connection.destroy(new Error(`The broker was silent for ${patience} ms.`)))
    connection.on('error', reject)
    connection.on('close', () => reject(new Error('The broker hung up before it had answered.')))
    connection.write(request)
  })
}
