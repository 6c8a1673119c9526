import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../ports.ts'
import type { Kafka } from '../kafka.ts'
import type { Line } from './distribution.ts'
import { sources } from './sources.ts'

/** Milliseconds for Docker to pull the image and see the broker healthy. */
const patience = 5 * 60_000

/** A node in a container, on a free port of 127.0.0.1. Nothing where no Docker with Compose answers. */
export async function composed(line: Line): Promise<Kafka | undefined> {
  const port = await freePort()
  const pom = await readFile(join(sources, `pom-${line}.xml`), 'utf8')
  const version = /<version>(.+)<\/version>/.exec(pom)?.[1] ?? ''
  const project = `lockstep-${randomUUID()}`
  const env = { ...process.env, LOCKSTEP_KAFKA_VERSION: version, LOCKSTEP_KAFKA_PORT: String(port) }
  const docker = async (...words: readonly string[]): Promise<void> => {
    await promisify(execFile)('docker', words, { env, timeout: patience })
  }
  const file = ['compose', '--project-name', project, '--file', join(sources, 'compose.yaml')]
  try {
    await docker('compose', 'version')
    await docker('info')
  } catch {
    return
  }
  const stop = (): Promise<void> => docker(...file, 'down', '--volumes')
  try {
    await docker(...file, 'up', '--detach', '--wait')
  } catch (error) {
    await stop()
    throw error
  }
  return { brokers: [`127.0.0.1:${port}`], stop, [Symbol.asyncDispose]: stop }
}
