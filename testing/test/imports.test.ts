import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { checkImports } from '../src/lint/imports.ts'
import { readModule } from '../src/lint/module.ts'
import { readTable } from '../src/lint/table.ts'
import { type TemporaryFolder, temporaryFolder } from '../src/tmp.ts'

const table = [
  '| package | what lives there | may import |',
  '|---|---|---|',
  '| `state` | the contract | node only |',
  '| `engine` | the state machine | `state` (types) |',
  '| `link` | the socket | `state`, `engine` |',
  '| `cluster-core` | the supervisor | node only |',
  '| `fastify` | the plugin | `state`, `cluster-core` (worker side) |',
].join('\n')

test('the arrows of the table are let through', async () => {
  await using folder = await repository({
    'packages/state/src/index.ts': "import { isIP } from 'node:net'\nexport { isIP }",
    'packages/engine/src/index.ts': "import type { State } from '@lockstep/state'\nexport type { State }",
    'packages/link/src/index.ts': "import { a } from '@lockstep/engine'\nimport { b } from './b.ts'\nexport { a, b }",
    'packages/fastify/src/index.ts':
      "import plugin from 'fastify-plugin'\nimport '@lockstep/cluster-core/worker'\nexport default plugin",
    'apps/shop/src/main.ts':
      "import fastify from 'fastify'\nimport '@lockstep/fastify'\nimport '@lockstep/testing/servers/redis'\nfastify()",
    'vitest.config.ts': 'export default {}',
  })
  expect(checkImports(folder.path)).toEqual([])
})

test.for([
  [
    'packages/state/src/index.ts',
    "\nimport { a } from '@lockstep/link'",
    2,
    '@lockstep/state may not import @lockstep/link',
  ],
  ['packages/state/src/index.ts', "await import('ioredis')", 1, '@lockstep/state may not import ioredis'],
  [
    'packages/engine/src/index.ts',
    "import { a } from '@lockstep/state'",
    1,
    '@lockstep/engine may import only types from @lockstep/state',
  ],
  [
    'packages/link/src/index.ts',
    "export * from '../../engine/src/index.ts'",
    1,
    '../../engine/src/index.ts leaves its package: import the other one by name',
  ],
  [
    'packages/link/test/a.test.ts',
    "import '../../engine/src/a.ts'",
    1,
    '../../engine/src/a.ts leaves its package: import the other one by name',
  ],
  ['packages/link/src/index.ts', "import type { A } from 'fastify'", 1, '@lockstep/link may not know Fastify'],
  [
    'packages/fastify/src/index.ts',
    "import '@lockstep/cluster-core'",
    1,
    '@lockstep/fastify may import only @lockstep/cluster-core/worker',
  ],
  [
    'apps/shop/src/main.ts',
    "import '@lockstep/testing/ports'",
    1,
    'an app may not import @lockstep/testing, which is private',
  ],
  [
    'packages/link/src/index.ts',
    'export default 1',
    1,
    'only packages/fastify and configuration files may have a default export',
  ],
] as const)('%s: %s is found', async ([file, source, line, rule]) => {
  await using folder = await repository({ [file]: source })
  expect(checkImports(folder.path)).toEqual([{ file, line, rule }])
})

test('a dependency is held to the table even if nothing imports it', async () => {
  const manifest = { name: '@lockstep/state', dependencies: { ioredis: '^6.0.0' } }
  await using folder = await repository({ 'packages/state/package.json': JSON.stringify(manifest, undefined, 2) })
  const rule = '@lockstep/state may not import ioredis'
  expect(checkImports(folder.path)).toEqual([{ file: 'packages/state/package.json', line: 4, rule }])
})

test('a package that the table does not know may depend on nothing', async () => {
  const manifest = JSON.stringify({ name: '@lockstep/new', dependencies: { '@lockstep/state': '*' } })
  await using folder = await repository({ 'packages/new/package.json': manifest })
  expect(checkImports(folder.path)).toMatchObject([{ rule: '@lockstep/new is not in the table of ARCHITECTURE.md' }])
})

test('the command prints each violation and exits with 1', async () => {
  await using folder = await repository({ 'packages/state/src/index.ts': "import '@lockstep/link'" })
  const command = fileURLToPath(new URL('../src/lint/imports.ts', import.meta.url))
  await expect(promisify(execFile)(process.execPath, [command, folder.path])).rejects.toMatchObject({
    code: 1,
    stdout: 'packages/state/src/index.ts:1: @lockstep/state may not import @lockstep/link\n',
  })
})

test('a list in the table that cannot be read is an error, not a licence', () => {
  expect(() => readTable('| `state` | the contract | whatever it likes |')).toThrow('whatever it likes')
})

test('only what imports is read as an import', () => {
  const source = [
    "// import 'comment'",
    "const text = 'import \"string\"', pattern = /import 'regex'['`]/.test(text)",
    "const template = `import 'template' ${await import('inner')} ${`}`}`",
    "module.import('method'); import(name); import.meta.url",
    "export const from = 'value'",
    'import type, { from } from "one"',
    'import {',
    '  two,',
    "} from 'two' with { type: 'json' }",
    "export type { A } from 'three'",
  ].join('\n')
  expect(readModule(source).imports).toEqual([
    { specifier: 'inner', typeOnly: false, line: 3 },
    { specifier: 'one', typeOnly: false, line: 6 },
    { specifier: 'two', typeOnly: false, line: 7 },
    { specifier: 'three', typeOnly: true, line: 10 },
  ])
})

test.for([
  'export default 1',
  'const a = 1\nexport { a as default }',
  "export { default } from './a.ts'",
  "export * as default from './a.ts'",
])('%s is a default export', (source) => {
  expect(readModule(source).defaultExports).toHaveLength(1)
})

test.for(["export { default as a } from './a.ts'", 'export interface A { default: 1 }', 'switch (a) { default: }'])(
  '%s is no default export',
  (source) => {
    expect(readModule(source).defaultExports).toEqual([])
  },
)

/** A repository with the table above and a few packages, with `files` beside or instead of their own. */
async function repository(files: Readonly<Record<string, string>>): Promise<TemporaryFolder> {
  const manifests = ['state', 'engine', 'link', 'cluster-core', 'fastify'].map((name): [string, string] => [
    `packages/${name}/package.json`,
    JSON.stringify({ name: `@lockstep/${name}` }),
  ])
  const all = {
    'ARCHITECTURE.md': table,
    ...Object.fromEntries(manifests),
    'apps/shop/package.json': JSON.stringify({ name: '@lockstep/app-shop', private: true }),
    'testing/package.json': JSON.stringify({ name: '@lockstep/testing', private: true }),
    ...files,
  }
  const folder = await temporaryFolder()
  for (const [file, content] of Object.entries(all)) {
    const path = join(folder.path, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  return folder
}
