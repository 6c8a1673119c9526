import { globSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packedProjects } from '../../src/packed/project.ts'
import { missing } from './on-each-node.ts'

const root = join(import.meta.dirname, '../../..')
const wanted = /^(LICENSE|README\.md|package\.json|dist\/.+\.(js|d\.ts)(\.map)?|src\/.+\.ts)$/

const projects = await packedProjects()
missing('what the tarballs hold', projects)
const { folder, manifests } = 'unavailable' in projects ? { folder: '', manifests: [] } : projects.newest

test.skipIf('unavailable' in projects)('there is a tarball of every package', async () => {
  const texts = globSync('packages/*/package.json', { cwd: root }).map((file) => readFile(join(root, file), 'utf8'))
  const names = (await Promise.all(texts)).map((text) => (JSON.parse(text) as { name: string }).name)
  expect(manifests.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
})

describe.each(manifests)('the tarball of $name', ({ name, version, dependencies = {}, peerDependencies = {} }) => {
  const home = join(folder, 'node_modules', name)
  const files = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(home, join(entry.parentPath, entry.name)))

  test('holds the licence, the README, the build and its sources, and nothing else', () => {
    const least = ['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts', 'src/index.ts']
    expect(files).toEqual(expect.arrayContaining(least))
    expect(files.filter((file) => !wanted.test(file))).toEqual([])
  })

  test('says nothing of the machine or the workspace that it was built in', async () => {
    // With a slash: root may be the name of a user, too.
    const told = [root, `${homedir()}/`, 'workspace:', 'catalog:', '@lockstep/source', '@lockstep/testing/']
    const found = await Promise.all(
      files.map(async (file) => {
        const text = await readFile(join(home, file), 'utf8')
        return told.filter((word) => text.includes(word)).map((word) => `${word} in ${file}`)
      }),
    )
    expect(found.flat()).toEqual([])
  })

  test('has source maps that lead to sources', async () => {
    const maps = files.filter((file) => file.endsWith('.map'))
    const sources = maps.map(async (file) => {
      const map = JSON.parse(await readFile(join(home, file), 'utf8')) as { sources: readonly string[] }
      return map.sources.map((source) => join(dirname(file), source))
    })
    const led = (await Promise.all(sources)).flat()
    expect(led.length).toBeGreaterThanOrEqual(maps.length)
    expect(led.filter((source) => !files.includes(source))).toEqual([])
  })

  test('asks for our own packages of its version, and for ranges that npm reads', () => {
    const ranges = Object.entries({ ...dependencies, ...peerDependencies })
    const ours = ranges.filter(([dependency]) => dependency.startsWith('@lockstep/'))
    expect(ours).toEqual(ours.map(([dependency]) => [dependency, `^${version}`]))
    expect(ranges.filter(([, range]) => !/^\^\d+\.\d+\.\d+( \|\| \^\d+\.\d+\.\d+)*$/.test(range))).toEqual([])
  })
})
