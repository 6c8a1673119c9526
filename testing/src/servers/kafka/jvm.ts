import { join } from 'node:path'
import type { Distribution } from './distribution.ts'
import { sources } from './sources.ts'

/** For what lives a few minutes next to a hundred others: docs/kafka-broker.md says what each of them gives. */
export const smallJvm: readonly string[] = [
  '-Xms128m',
  '-Xmx256m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-XX:-UsePerfData',
]

/** The command line of a broker. `extra`: more options of the virtual machine; `folder`: for what it writes. */
export function brokerCommand(
  { java, line, classPath }: Distribution,
  extra: readonly string[],
  folder: string,
  file: string,
): readonly [string, ...string[]] {
  const log =
    line === '3.9'
      ? `-Dlog4j.configuration=file:${join(sources, 'log4j.properties')}`
      : `-Dlog4j2.configurationFile=${join(sources, 'log4j2.properties')}`
  // Where its native libraries are unpacked, which a kill would leave behind.
  const temporary = `-Djava.io.tmpdir=${folder}`
  return [java.path, ...smallJvm, ...extra, log, temporary, '-cp', classPath, 'kafka.Kafka', file]
}
