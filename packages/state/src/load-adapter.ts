import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Adapter } from './adapter.ts'
import { show } from './checks.ts'
import { AdapterNotInstalledError, InvalidArgumentError } from './errors.ts'

/** The adapters that a word stands for. The package exports a function of that name which takes the options. */
const packages: Readonly<Record<string, string>> = {
  memory: '@lockstep/state-memory',
  redis: '@lockstep/state-redis',
  mysql: '@lockstep/state-mysql',
  kafka: '@lockstep/state-kafka',
}

/**
 * Load the adapter of this name: from `from` (a file, a folder or a file URL), else from the main script, the working directory, or wherever this package finds it.
 * Rejects with `InvalidArgumentError` for an unknown name, with `AdapterNotInstalledError` and the install command when the package is not there.
 */
export async function loadAdapter(name: string, options: unknown, from: string | undefined): Promise<Adapter> {
  const packageName = Object.hasOwn(packages, name) ? packages[name] : undefined
  if (packageName === undefined) {
    const known = Object.keys(packages).join(', ')
    throw new InvalidArgumentError(
      `adapter must be one of ${known}, or what an adapter's function returns; got ${show(name)}`,
    )
  }
  const module = await importFirst(packageName, from)
  const create: unknown = module[name]
  if (typeof create !== 'function') {
    throw new AdapterNotInstalledError(
      `${packageName} has no function ${name}(); its version does not fit this one. Run: npm install ${packageName}@latest`,
    )
  }
  return create(options) as Adapter
}

async function importFirst(packageName: string, from: string | undefined): Promise<Record<string, unknown>> {
  for (const place of [from, process.argv[1], join(process.cwd(), 'index.js')]) {
    const path = place === undefined ? undefined : resolveFrom(packageName, place)
    if (path !== undefined) return import(pathToFileURL(path).href)
  }
  try {
    return await import(packageName)
  } catch (cause) {
    if (!isMissing(cause, packageName)) throw cause
    throw new AdapterNotInstalledError(`${packageName} is not installed. Run: npm install ${packageName}`, { cause })
  }
}

function resolveFrom(packageName: string, place: string): string | undefined {
  const path = place.startsWith('file:') ? fileURLToPath(place) : place
  try {
    // With a name behind it, a folder and a file in it both resolve from the folder.
    return createRequire(join(path, 'index.js')).resolve(packageName)
  } catch {
    return undefined
  }
}

/** The package itself is missing, not something that it imports. */
function isMissing(error: unknown, packageName: string): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes(packageName)
  )
}
