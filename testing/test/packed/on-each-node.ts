import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { folderIn } from '../../src/packed/folder.ts'
import { type Age, packedProjects, type Project } from '../../src/packed/project.ts'
import { floor, nodeReleases } from '../../src/packed/releases.ts'
import { type Run, run, type RunOptions } from '../../src/packed/run.ts'
import type { TemporaryFolder } from '../../src/tmp.ts'

/** An app of a user: the packages installed from their tarballs, on one release of Node. */
export interface App {
  readonly project: Project
  /** For what has to be told apart by it. */
  readonly name: string
  /** Run a script of `app/` to its end. */
  readonly run: (script: string, args?: readonly string[], options?: Partial<RunOptions>) => Promise<Run>
}

/**
 * Define tests on each release of Node: on the floor with the least versions of everybody else's packages too, elsewhere with the newest. What cannot be had is a
 * test that is skipped and says why. `concurrent`: some at a time, which is for tests that mostly wait.
 */
export async function onEachNode(
  what: string,
  define: (app: App) => void,
  { concurrent = false }: { readonly concurrent?: boolean } = {},
): Promise<void> {
  const projects = await packedProjects()
  const releases = await nodeReleases()
  for (const release of releases) missing(`${what} on Node ${release.version}`, release)
  missing(`${what} from the packed packages`, projects)
  if ('unavailable' in projects) return
  for (const { version, node } of releases.filter((release) => 'node' in release)) {
    for (const age of version === floor ? (['oldest', 'newest'] as const) : (['newest'] as const)) {
      describe(`${what} on Node ${version} with the ${age} of everything else`, { concurrent }, () => {
        define(appOf(projects[age], age, version, node))
      })
    }
  }
}

/** Where something is missing: a test that is skipped and tells how to get it. */
export function missing(what: string, found: object): void {
  if (!('unavailable' in found)) return
  test.skipIf('unavailable' in found)(`${what}: ${String(found.unavailable)}`, () => {
    expect(found).not.toHaveProperty('unavailable')
  })
}

function appOf(project: Project, age: Age, version: string, node: string): App {
  let folder: Promise<TemporaryFolder> | undefined
  afterAll(async () => (await folder)?.[Symbol.asyncDispose]())
  return {
    project,
    name: `${version}-${age}`,
    run: async (script, args = [], options) => {
      folder ??= folderIn(project, join(import.meta.dirname, 'app'))
      const { path } = await folder
      return run(node, [...(script.startsWith('conformance') ? ['--test-reporter=tap'] : []), script, ...args], {
        in: path,
        ...options,
      })
    },
  }
}
