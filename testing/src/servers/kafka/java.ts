import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Unavailable } from '../unavailable.ts'

/** The oldest that brokers of Kafka 4 run on. */
const oldest = 17

export interface Java {
  readonly path: string
  /** Of the virtual machine, to the build: what one has archived another cannot use. */
  readonly build: string
}

/** The Java of `JAVA_HOME`, else the one on the PATH. */
export async function findJava(): Promise<Java | Unavailable> {
  const home = process.env['JAVA_HOME']
  const path = home ? join(home, 'bin', 'java') : 'java'
  const said = await promisify(execFile)(path, ['-XshowSettings:properties', '-version']).then(
    ({ stderr }) => stderr,
    () => '',
  )
  const property = (name: string): string =>
    said
      .split('\n')
      .find((line) => line.trim().startsWith(`${name} = `))
      ?.split(' = ')[1]
      ?.trim() ?? ''
  if (Number(property('java.specification.version')) >= oldest) return { path, build: property('java.vm.version') }
  return {
    unavailable: `There is no Java >= ${oldest} on the PATH. Install one (apt-get install default-jre-headless).`,
  }
}
