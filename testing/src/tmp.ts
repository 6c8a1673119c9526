import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
}

/** A new folder with a path short enough for a Unix socket. It is removed, with all it holds, when disposed. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'lockstep-'))
  return {
    path,
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

const folders = new Set<string>()

/** Remove this folder with this process at the latest. Call it after `endAtExit`, so that who writes to it has ended. */
export function removeAtExit(folder: string): void {
  if (folders.size === 0) {
    process.once('exit', () => {
      for (const path of folders) rmSync(path, { recursive: true, force: true, maxRetries: 3 })
    })
  }
  folders.add(folder)
}
