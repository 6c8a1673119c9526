import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { kept } from './cache.ts'
import { install, publishedVersions } from './npm.ts'

/** A TypeScript that is there to be run, by the path of `tsc`, with its library; or why it is not. */
export type Compiler =
  | { readonly version: string; readonly tsc: string; readonly library: string }
  | { readonly version: string; readonly unavailable: string }

/** The oldest that our types promise to work with: Fastify's ask for `NoInfer`, which is of 5.4. */
export const oldestCompiler = '5.4.2'

/** One that tools can ask; 7.0 has no API. */
export const withApi = '5.9.3'

/** That of the workspace. */
export const newestCompiler = ofWorkspace()

const versions = [oldestCompiler, withApi, '6.0.3', newestCompiler]

/** The oldest, the newest, and the last of each line between them. */
export async function compilers(): Promise<readonly Compiler[]> {
  return Promise.all(versions.map(compiler))
}

async function compiler(version: string): Promise<Compiler> {
  try {
    const folder = await kept(join('typescript', version), (making) => install(making, { typescript: version }))
    const modules = join(folder, 'node_modules')
    return { version, tsc: join(modules, '.bin/tsc'), library: join(modules, 'typescript') }
  } catch (error) {
    if ((await publishedVersions('typescript')) !== undefined) throw error
    return { version, unavailable: `typescript@${version} is to be installed, and no npm registry answers.` }
  }
}

function ofWorkspace(): string {
  const { devDependencies } = JSON.parse(readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8')) as {
    devDependencies: { typescript: string }
  }
  return devDependencies.typescript
}
