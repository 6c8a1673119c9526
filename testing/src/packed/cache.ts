import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A path of the cache. It is outside of the repository: nothing in it finds the packages of the workspace, and all clones share it. */
function inCache(path: string): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lockstep', path)
}

/** What nobody has asked for so long is removed, in milliseconds. */
const shelfLife = 7 * 86_400_000

/**
 * The folder `path` of the cache. When it is not there, `make` fills it, for all processes that ask at once; one that is cut short leaves nothing that is
 * taken for the whole. Rejects with what `make` rejects with.
 */
export async function kept(path: string, make: (folder: string) => Promise<void>): Promise<string> {
  const folder = inCache(path)
  const lock = `${folder}.lock`
  await mkdir(dirname(folder), { recursive: true })
  for (;;) {
    if (await touch(folder)) return folder
    if (await claim(lock)) break
    // Another process is at it, and files tell nobody when they go.
    await sleep(100)
  }
  const unfinished = `${folder}.making-${process.pid}`
  try {
    if (await touch(folder)) return folder
    await sweep(dirname(folder))
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished)
    await make(unfinished)
    await rename(unfinished, folder).catch(async (error: unknown) => {
      // Somebody who sees other process ids than we do was at it too.
      if (!(await touch(folder))) throw error
    })
    return folder
  } finally {
    await rm(unfinished, { recursive: true, force: true })
    await rm(lock, { force: true })
  }
}

/** The names of the folders that are in the folder `path` of the cache. */
export async function shelf(path: string): Promise<readonly string[]> {
  const names = await readdir(inCache(path)).catch(() => [])
  return names.filter((name) => !/\.lock$|\.making-\d+$/.test(name))
}

/** Whether it is there; then it counts as used now. */
function touch(folder: string): Promise<boolean> {
  const now = new Date()
  return utimes(folder, now, now).then(
    () => true,
    () => false,
  )
}

/** Whether this process now has the lock. That of a process that is gone is taken away. */
async function claim(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const owner = await readFile(lock, 'utf8').catch(() => '')
  if (owner !== '' && !lives(Number(owner))) await rm(lock, { force: true })
  return false
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const used = await stat(path).catch(() => undefined)
    if (used && Date.now() - used.mtimeMs > shelfLife) await rm(path, { recursive: true, force: true })
  }
}
