import { expect, test } from 'vitest'
import { TestProcess } from '../../src/processes.ts'
import type { Handlers } from '../fixtures/kafka.ts'
import type { Ground } from './ground.ts'

const major = Number(process.versions.node.split('.')[0])
/** Node.js 22 and older do not warn. */
const quiet = major < 24 ? `: Node.js ${process.versions.node} does not warn, 24 does` : ''

export function proveWarnings(ground: () => Ground): void {
  // https://github.com/tulios/kafkajs/issues/1751
  test.skipIf(quiet)(`its request queue sets a timer to the past: one warning for a process${quiet}`, async () => {
    const output = await connect(ground, '--trace-warnings')
    expect(output.match(/TimeoutNegativeWarning/g)).toHaveLength(1)
    expect(output).toMatch(/scheduleCheckPendingRequests .*kafkajs.src.network.requestQueue/)
  })

  test('nobody sees it with --disable-warning=TimeoutNegativeWarning, and nothing else is said', async () => {
    expect(await connect(ground, '--disable-warning=TimeoutNegativeWarning')).toBe('')
  })
}

async function connect(ground: () => Ground, nodeOptions: string): Promise<string> {
  const env = { NODE_OPTIONS: nodeOptions }
  await using child = new TestProcess<Handlers>(new URL('../fixtures/kafka.ts', import.meta.url), { env })
  await child.ask('connect', ground().kafka.direct)
  return child.output
}
