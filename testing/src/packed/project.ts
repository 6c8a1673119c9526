import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kept } from './cache.ts'
import { install, needRegistry, pack, publishedVersions } from './npm.ts'

export interface Manifest {
  readonly name: string
  readonly version: string
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** A folder as a user has it who ran `npm install` of all published packages; their tarballs are what `pnpm publish` would upload. */
export interface Project {
  readonly folder: string
  readonly manifests: readonly Manifest[]
}

/** `newest`: everybody else's packages are the newest that npm gives. `oldest`: they are the least that our ranges allow. */
export type Age = 'newest' | 'oldest'

const root = join(import.meta.dirname, '../../..')

/**
 * Both projects, of `dist` as it was built last. Each state of the packages is packed and installed once and kept in the cache. Resolves with the reason when
 * everybody else's packages cannot be had.
 */
export async function packedProjects(): Promise<Readonly<Record<Age, Project>> | { readonly unavailable: string }> {
  const files = globSync('packages/*/{package.json,README.md,LICENSE,dist/**/*.*,src/**/*.ts}', {
    cwd: root,
  }).toSorted()
  if (!files.some((file) => file.includes('/dist/'))) throw new Error('There is no dist. Run: npx -y pnpm@12 build')
  const key = createHash('sha256')
  for (const file of files) key.update(`${file}\0`).update(readFileSync(join(root, file)))
  const path = join('packed', key.digest('hex').slice(0, 16))
  try {
    const folder = await kept(path, packAndInstall)
    const projects = (['newest', 'oldest'] as const).map(async (age) => [age, await read(join(folder, age))] as const)
    return Object.fromEntries(await Promise.all(projects)) as Record<Age, Project>
  } catch (error) {
    if ((await publishedVersions('fastify')) !== undefined) throw error
    return { unavailable: 'Fastify and other packages are to be installed, and no npm registry answers.' }
  }
}

/** What can be imported of a package. */
export function entryPoints({ name, exports }: Manifest): readonly string[] {
  const modules = Object.keys(exports).filter((path) => !path.endsWith('.json'))
  return modules.map((path) => `${name}${path.slice(1)}`)
}

async function packAndInstall(folder: string): Promise<void> {
  await needRegistry()
  const tarballs = join(folder, 'tarballs')
  await mkdir(tarballs)
  const ours = Object.fromEntries(
    Object.entries(await pack(root, tarballs)).map(([name, tarball]) => [name, `file:${tarball}`]),
  )
  // Types of Node come with the app, and old ones do not fit a new TypeScript.
  const types = { '@types/node': '^20.19.0' }
  await install(join(folder, 'newest'), { ...ours, ...types })
  const { manifests } = await read(join(folder, 'newest'))
  await install(join(folder, 'oldest'), { ...ours, ...types, ...leastOfOthers(manifests) })
}

async function read(folder: string): Promise<Project> {
  const files = globSync('node_modules/@lockstep/*/package.json', { cwd: folder }).toSorted()
  const texts = files.map((file) => readFile(join(folder, file), 'utf8'))
  return { folder, manifests: (await Promise.all(texts)).map((text) => JSON.parse(text) as Manifest) }
}

/** Of everybody else's packages that ours need, the first version that our ranges name. */
function leastOfOthers(manifests: readonly Manifest[]): Record<string, string> {
  const ranges = manifests.flatMap((manifest) =>
    Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies }),
  )
  const others = ranges.filter(([name]) => !name.startsWith('@lockstep/'))
  return Object.fromEntries(others.map(([name, range]) => [name, /\d+\.\d+\.\d+/.exec(range)?.[0] ?? range]))
}
