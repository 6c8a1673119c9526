import { expect, test } from 'vitest'
import { onEachNode } from './on-each-node.ts'

await onEachNode('an app', ({ run }) => {
  test.each(['serving.mjs', 'serving.cjs'])(
    'with the Fastify plugin serves, is ready, and ends by itself: %s',
    async (script) => {
      const { stdout, ...rest } = await run(script)
      expect(rest).toEqual({ code: 0, signal: null, stderr: '' })
      expect(JSON.parse(stdout)).toEqual({ visits: 1, ready: 200 })
    },
  )

  test('of two workers counts exactly, and drains both', async () => {
    const { stdout, ...rest } = await run('cluster.mjs')
    expect(rest).toEqual({ code: 0, signal: null, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      counts: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
      workers: 2,
      exits: ['drained', 'drained'],
    })
  })
})
