import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Unavailable } from '../unavailable.ts'

/** The path of redis-server, to be called by that name (`argv0`): Debian's redis-tools has redis-check-rdb alone. */
export async function findBinary(): Promise<string | Unavailable> {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  for (const name of ['redis-server', 'redis-check-rdb']) {
    for (const folder of folders) {
      const path = join(folder, name)
      if (await executable(path)) return path
    }
  }
  return {
    unavailable:
      'There is no redis-server on the PATH. Install one (apt-get install redis-server, brew install redis).',
  }
}

function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
