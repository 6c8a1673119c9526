import { cp, mkdir, readdir, readlink, realpath, symlink } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '../tmp.ts'

/** What is no source. Without `dist` nothing that is run can be older than the mutant. */
const leftOut = new Set(['.git', '.turbo', 'coverage', 'dist', 'node_modules'])

/** A copy of the workspace at `root` whose packages import each other in the copy, and everything else from `root`. */
export async function copyWorkspace(root: string): Promise<TemporaryFolder> {
  const folder = await temporaryFolder()
  try {
    const modules: string[] = []
    await cp(root, folder.path, {
      recursive: true,
      filter: (path) => {
        if (basename(path) === 'node_modules') modules.push(relative(root, path))
        return path === root || !leftOut.has(basename(path))
      },
    })
    await Promise.all(modules.map((path) => linkModules(join(root, path), join(folder.path, path))))
  } catch (error) {
    await folder[Symbol.asyncDispose]()
    throw error
  }
  return folder
}

/** A relative link, as pnpm makes them, leads to the same place of the copy; what is installed itself is linked to. */
async function linkModules(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  const entries = await readdir(from, { withFileTypes: true })
  await Promise.all(
    entries.map(async (entry) => {
      const [source, target] = [join(from, entry.name), join(to, entry.name)]
      if (entry.isSymbolicLink()) return symlink(await readlink(source), target)
      if (entry.isDirectory() && entry.name.startsWith('@')) return linkModules(source, target)
      // The caches of tools are left behind: the copy makes its own.
      if (entry.name === '.pnpm' || !entry.name.startsWith('.')) return symlink(await realpath(source), target)
    }),
  )
}
