import { join } from 'node:path'
import { kept, shelf } from './cache.ts'
import { install, publishedVersions } from './npm.ts'

/** A release of Node that is there to be run, by the path of its binary; or why it is not, and how to get it. */
export type Release =
  | { readonly version: string; readonly node: string }
  | { readonly version: string; readonly unavailable: string }

/** The floor of the packages, exactly, and the lines above it by their newest release. */
export const floor = '20.19.0'
const lines = ['22', '24', '26']

/**
 * The floor first, the newest last. They come from npm, where each release of Node is a package for each platform, and are kept in the cache; without a
 * registry the newest that is there already counts.
 */
export async function nodeReleases(): Promise<readonly Release[]> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const known = (await publishedVersions(name)) ?? (await shelf(name))
  const releases: Release[] = []
  // One download after the other: each is some fifty megabytes.
  for (const wanted of [floor, ...lines]) releases.push(await release(name, wanted, newest(wanted, known)))
  return releases
}

async function release(name: string, wanted: string, version: string | undefined): Promise<Release> {
  if (version === undefined) {
    const unavailable = `Node ${wanted} is not here, and npm shows no ${name}@${wanted}. Run the tests once where a registry that has it can be reached.`
    return { version: wanted, unavailable }
  }
  try {
    const folder = await kept(join(name, version), (making) => install(making, { [name]: version }))
    return { version, node: join(folder, 'node_modules', name, 'bin/node') }
  } catch (error) {
    return { version, unavailable: `npm install ${name}@${version} failed: ${String(error)}` }
  }
}

/** The greatest of the versions that are `wanted` or begin with it. */
export function newest(wanted: string, versions: readonly string[]): string | undefined {
  return versions
    .filter((version) => /^\d+\.\d+\.\d+$/.test(version) && `${version}.`.startsWith(`${wanted}.`))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1)
}
