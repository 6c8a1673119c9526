import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { mustRun } from './run.ts'

/** Rejects with what npm said. Its settings are those of the machine; no lifecycle script is run. */
function npm(args: readonly string[], folder: string): Promise<string> {
  const flags = ['--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier']
  return mustRun('npm', [...args, ...flags], { in: folder, env: settings(), patience: 240_000 })
}

/** Rejects when no registry answers, at once: npm itself tries for minutes. */
export async function needRegistry(): Promise<void> {
  if ((await publishedVersions('typescript')) === undefined) throw new Error('No npm registry answers.')
}

/** Install a project with these dependencies, as `package.json` has them, into an empty folder. */
export async function install(folder: string, dependencies: Readonly<Record<string, string>>): Promise<void> {
  await needRegistry()
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }, undefined, 2))
  await npm(['install'], folder)
}

/** Pack all published packages of the workspace at `root`; resolves with the path of each tarball by the name of its package. */
export async function pack(root: string, folder: string): Promise<Readonly<Record<string, string>>> {
  const what = ['--recursive', '--filter', './packages/*', 'pack', '--json', '--pack-destination', folder]
  const answer = await mustRun('npx', ['-y', 'pnpm@12', ...what], { in: root, env: settings() })
  const tarballs = JSON.parse(answer) as readonly { readonly name: string; readonly filename: string }[]
  return Object.fromEntries(tarballs.map(({ name, filename }) => [name, filename]))
}

/** All versions of a package, or `undefined` when the registry does not know it or cannot be reached. */
export async function publishedVersions(name: string): Promise<readonly string[] | undefined> {
  try {
    const answer = JSON.parse(await npm(['view', name, 'versions', '--json', '--fetch-retries', '0'], '.')) as unknown
    return Array.isArray(answer) ? (answer as string[]) : undefined
  } catch {
    return undefined
  }
}

/** Where the registry is and whom to trust may be said in the environment. */
function settings(): Record<string, string> {
  const known =
    /^(npm_config_(registry|userconfig|cafile|https?_proxy|noproxy)|NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i
  const entries = Object.entries(process.env).filter(([name]) => known.test(name))
  return Object.fromEntries(entries) as Record<string, string>
}
