import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { compilers, newestCompiler, oldestCompiler, withApi } from '../../src/packed/compilers.ts'
import { folderIn } from '../../src/packed/folder.ts'
import { entryPoints, packedProjects, type Project } from '../../src/packed/project.ts'
import { examples } from '../../src/packed/readme.ts'
import { run } from '../../src/packed/run.ts'
import type { TemporaryFolder } from '../../src/tmp.ts'
import { available } from '../available.ts'
import { missing } from './on-each-node.ts'

const root = join(import.meta.dirname, '../../..')
const uses = join(import.meta.dirname, 'types')

/** Milliseconds. */
const patience = 120_000

const soak = Boolean(process.env['LOCKSTEP_SOAK'])

const clean = { code: 0, signal: null, stdout: '', stderr: '' }

/** As strict as it gets, everybody's declarations included. */
const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
  target: 'es2022',
  types: ['node'],
}

const nodeNext = ['in a NodeNext project', { module: 'nodenext', moduleResolution: 'nodenext' }] as const
const bundler = ['in a project for a bundler', { module: 'esnext', moduleResolution: 'bundler' }] as const

const projects = await packedProjects()
missing('the types of the packed packages', projects)

const all = await compilers()
for (const compiler of all) missing(`the types for TypeScript ${compiler.version}`, compiler)
const there = all.filter((compiler) => 'tsc' in compiler)

for (const { tsc, version } of there) {
  const isOldest = version === oldestCompiler
  // What is between the oldest and the newest takes long: compilers that are written in JavaScript.
  if ('unavailable' in projects || (!soak && !isOldest && version !== newestCompiler)) continue

  test.each([
    ...(isOldest ? [['oldest', ...nodeNext] as const] : []),
    ...(isOldest && !soak ? [] : [['newest', ...nodeNext] as const]),
    ['newest', ...bundler] as const,
  ])(
    `for TypeScript ${version} every call, every example of a README and nothing that is wrong compiles, with the %s of everything else, %s`,
    { timeout: patience },
    async (age, _, options) => {
      await using folder = await typed(projects[age], options, isOldest ? ['*.cts'] : [])
      expect(await run(tsc, ['-p', '.'], { in: folder.path, patience })).toEqual(clean)
    },
  )
}

const asked = there.find(({ version }) => version === withApi)

test.skipIf('unavailable' in projects || asked === undefined)(
  `every public name is in what compiles, as TypeScript ${withApi} sees it`,
  { timeout: patience },
  async () => {
    const project = available(projects).newest
    await using folder = await typed(project, {}, [])
    const entries = project.manifests.flatMap(entryPoints)
    const names = await publicNames(folder.path, asked?.library ?? '', entries)
    const words = await wordsOf(folder.path)
    expect(names.length).toBeGreaterThan(entries.length)
    expect(names.filter((name) => !words.has(name))).toEqual([])
  },
)

/** A project that uses everything but what is excluded, and the examples of all READMEs. */
async function typed(project: Project, options: object, exclude: readonly string[]): Promise<TemporaryFolder> {
  const folder = await folderIn(project, uses)
  await writeFile(
    join(folder.path, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: { ...strict, ...options }, exclude: [...exclude, 'node_modules'] }),
  )
  for (const readme of globSync('{,packages/*/}README.md', { cwd: root })) {
    const text = await readFile(join(root, readme), 'utf8')
    for (const [index, example] of examples(text).entries()) {
      const name = readme.replaceAll('/', '-').replace('.md', `-${index + 1}.ts`)
      await writeFile(join(folder.path, name), `${example}\nexport {}\n`)
    }
  }
  return folder
}

async function publicNames(folder: string, library: string, entries: readonly string[]): Promise<readonly string[]> {
  const args = ['public-names.cjs', library, ...entries]
  const { stdout, ...rest } = await run(process.execPath, args, { in: folder, patience })
  expect({ stdout: '', ...rest }).toEqual(clean)
  return JSON.parse(stdout) as string[]
}

async function wordsOf(folder: string): Promise<ReadonlySet<string>> {
  const files = globSync('[a-z]*.ts', { cwd: folder })
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return new Set(texts.join('\n').match(/\w+/g))
}
