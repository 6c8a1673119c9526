import { execFile } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Unavailable } from '../unavailable.ts'
import { findJava, type Java } from './java.ts'
import { smallJvm } from './jvm.ts'
import { properties } from './settings.ts'
import { sources } from './sources.ts'

const run = promisify(execFile)

/** The lines of Kafka that tests run on. Which release each is stands in `testing/servers/kafka/pom-….xml`. */
export type Line = '3.9' | '4'
export const lines: readonly Line[] = ['3.9', '4']

/** Milliseconds that Maven may take to fetch a release: 46 MB, over a slow line. */
const patience = 8 * 60_000

/** What it takes to start a broker, on disk. */
export interface Distribution {
  readonly line: Line
  /** As in 4.3.1. */
  readonly version: string
  readonly java: Java
  readonly folder: string
  readonly classPath: string
  /** What `kafka-storage format` writes for every node of a new cluster: the versions of its features. */
  readonly bootstrap: string
}

/**
 * A release of Kafka. The first time, Maven fetches it from Maven Central into the folder that `LOCKSTEP_CACHE` names,
 * by default `~/.cache/lockstep`; that takes a Java and Maven, every other time a Java is enough.
 */
export async function findKafka(line: Line): Promise<Distribution | Unavailable> {
  const java = await findJava()
  if ('unavailable' in java) return java
  const pom = join(sources, `pom-${line}.xml`)
  const text = await readFile(pom, 'utf8')
  const version = /<version>(.+)<\/version>/.exec(text)?.[1] ?? ''
  const cache = process.env['LOCKSTEP_CACHE'] || join(homedir(), '.cache', 'lockstep')
  // Two branches may want other jars of one release.
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8)
  const folder = join(cache, `kafka-${version}-${hash}`)
  const found: Distribution = { line, version, java, folder, ...contents(folder) }
  if (await exists(folder)) return found
  const problem = await fetch(pom, found)
  return problem ? { unavailable: problem } : found
}

/** Fetches into a folder next to it and moves that in one step: one that is there is whole. */
async function fetch(pom: string, { java, folder }: Distribution): Promise<string | undefined> {
  const temporary = `${folder}.${randomUUID()}`
  try {
    await mkdir(temporary, { recursive: true })
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${join(temporary, 'lib')}`]
    await run('mvn', ['--batch-mode', '--quiet', '--file', pom, ...copy], { timeout: patience })
    await format(java, temporary)
    await rename(temporary, folder)
    return undefined
  } catch (error) {
    // Another process was faster.
    if (await exists(folder)) return undefined
    const { code, stdout } = error as NodeJS.ErrnoException & { stdout?: string }
    if (code === 'ENOENT') return 'There is no Maven on the PATH to fetch Kafka. Install it (apt-get install maven).'
    if (stdout?.includes('[ERROR]')) return `Maven could not fetch Kafka: ${firstError(stdout)}`
    throw error
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

async function format(java: Java, folder: string): Promise<void> {
  const [file, data] = [join(folder, 'server.properties'), join(folder, 'data')]
  await writeFile(file, properties({ id: 1, folder: data, ports: [[1, 2, 3]], advertised: 1 }))
  const tool = ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId, '--config', file]
  const { classPath, bootstrap } = contents(folder)
  await run(java.path, [...smallJvm, '-cp', classPath, ...tool])
  await rename(join(data, 'bootstrap.checkpoint'), bootstrap)
  await rm(data, { recursive: true })
  await rm(file)
}

/** Any will do: 16 bytes as base64url. */
export const clusterId = 'TG9ja3N0ZXAgdGVzdGluZw'

function contents(folder: string): Pick<Distribution, 'classPath' | 'bootstrap'> {
  return { classPath: join(folder, 'lib', '*'), bootstrap: join(folder, 'bootstrap.checkpoint') }
}

function firstError(output: string): string {
  return output.split('\n').find((text) => text.includes('[ERROR]')) ?? ''
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
