import { expect, test } from 'vitest'
import { entryPoints } from '../../src/packed/project.ts'
import { onEachNode } from './on-each-node.ts'

interface Loaded {
  readonly exports: readonly string[]
  readonly before: object
  readonly after: object
}

await onEachNode('every entry point', ({ project, run }) => {
  const entries = project.manifests.flatMap(entryPoints)

  test('is loaded by import and by require alike, changes nothing by it, warns of nothing and lets the process end', async () => {
    expect(entries.length).toBeGreaterThanOrEqual(project.manifests.length)
    for (const entry of entries) {
      const imported = await load('imported.mjs', entry)
      const required = await load('required.cjs', entry)
      expect(imported.exports.length).toBeGreaterThan(0)
      expect(required.exports.filter((name) => name !== '__esModule')).toEqual(imported.exports)
    }
  })

  async function load(script: string, entry: string): Promise<Loaded> {
    const { stdout, ...rest } = await run(script, [entry])
    expect({ entry, ...rest }).toEqual({ entry, code: 0, signal: null, stderr: '' })
    const loaded = JSON.parse(stdout) as Loaded
    expect({ entry, ...loaded.after }).toEqual({ entry, ...loaded.before })
    return loaded
  }
})
