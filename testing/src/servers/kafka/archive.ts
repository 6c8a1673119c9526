import { randomUUID } from 'node:crypto'
import { access, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../../tmp.ts'
import { freePorts } from '../../ports.ts'
import type { Distribution } from './distribution.ts'
import { KafkaNode } from './node.ts'

/**
 * Options of the virtual machine that let it take the classes of a broker from an archive, which is made once for this
 * release and this Java, by a broker that starts and ends. https://docs.oracle.com/en/java/javase/17/vm/class-data-sharing.html
 */
export async function archived(kafka: Distribution): Promise<readonly string[]> {
  const archive = join(kafka.folder, `${kafka.java.build.replaceAll(/[^\w.+-]/g, '-')}.jsa`)
  await access(archive).catch(() => make(kafka, archive))
  return [`-XX:SharedArchiveFile=${archive}`]
}

async function make(kafka: Distribution, archive: string): Promise<void> {
  const folder = await temporaryFolder()
  const temporary = `${archive}.${randomUUID()}`
  const [client = 0, inner = 0, controller = 0] = await freePorts(3)
  const node = new KafkaNode({
    kafka,
    id: 1,
    folder: folder.path,
    ports: [[client, inner, controller]],
    advertised: client,
    jvm: [`-XX:ArchiveClassesAtExit=${temporary}`],
  })
  try {
    await node.prepare()
    await node.start()
    await node.ready(1)
    // It writes the archive when it ends in order.
    await node.kill('SIGTERM')
    await rename(temporary, archive)
  } finally {
    await node.kill()
    await rm(temporary, { force: true })
    await folder[Symbol.asyncDispose]()
  }
}
