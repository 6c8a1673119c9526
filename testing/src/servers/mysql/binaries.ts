import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Unavailable } from '../unavailable.ts'

/** The programs of one database server. */
export interface Binaries {
  /** mariadbd or mysqld. */
  readonly server: string
  /** What makes an empty data directory: mariadb-install-db; MySQL's server does it itself (`--initialize-insecure`). */
  readonly install?: string
}

/** Beside the folders of the PATH, which for most users has no sbin. */
const beside = ['sbin', 'libexec']

/** Those of MariaDB, else those of MySQL. */
export async function findBinaries(): Promise<Binaries | Unavailable> {
  const mariadbd = await find('mariadbd')
  const install = await find('mariadb-install-db')
  if (mariadbd !== undefined && install !== undefined) return { server: mariadbd, install }
  const mysqld = await find('mysqld')
  if (mysqld !== undefined) return { server: mysqld }
  return {
    unavailable:
      'There is no mariadbd and no mysqld on the PATH. Install one (apt-get install mariadb-server, brew install mariadb).',
  }
}

async function find(name: string): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const folder of folders.flatMap((path) => [path, ...beside.map((sibling) => join(path, '..', sibling))])) {
    const path = join(folder, name)
    if (await executable(path)) return path
  }
  return undefined
}

function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
