import { cp, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TemporaryFolder, temporaryFolder } from '../tmp.ts'

/** A temporary folder with these files, ES modules like most, in which imports find what is installed in a project. */
export async function folderIn(project: { readonly folder: string }, files: string): Promise<TemporaryFolder> {
  const folder = await temporaryFolder()
  await cp(files, folder.path, { recursive: true })
  await writeFile(join(folder.path, 'package.json'), JSON.stringify({ type: 'module' }))
  await symlink(join(project.folder, 'node_modules'), join(folder.path, 'node_modules'))
  return folder
}
