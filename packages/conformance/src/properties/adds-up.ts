import * as fc from 'fast-check'
import assert from 'node:assert/strict'
import { parameters, type PropertyOptions } from './options.ts'

const addition = fc.record(
  {
    client: fc.nat(),
    delta: fc.integer({ min: -9, max: 9 }),
    min: fc.constantFrom(-5, 0),
    max: fc.constantFrom(5, 20),
  },
  { requiredKeys: ['client', 'delta'] },
)

/**
 * Random additions, all at once by all of the clients, leave a counter that is the sum of what was answered as applied,
 * each answer within its bounds.
 */
export async function addsUp(options: PropertyOptions): Promise<void> {
  const { callers, prefix } = options
  let run = 0
  const property = fc.asyncProperty(fc.array(addition, { minLength: 1, maxLength: 40 }), async (additions) => {
    const name = `${prefix}${(run += 1)}`
    const taken = await Promise.all(
      additions.map(async ({ client, ...bounded }) => {
        const caller = callers[client % callers.length]
        assert.ok(caller !== undefined)
        const outcome = await caller({ do: 'counters.add', name, ...bounded })
        const { applied, value } = outcome as { applied: boolean; value: number }
        const { delta, min = -Infinity, max = Infinity } = bounded
        const fits = (sum: number): boolean => sum >= min && sum <= max
        assert.equal(fits(applied ? value : value + delta), applied, `the answer to ${JSON.stringify(bounded)}`)
        return applied ? delta : 0
      }),
    )
    assert.equal(
      await callers[0]?.({ do: 'counters.get', name }),
      taken.reduce((sum, delta) => sum + delta, 0),
    )
  })
  await fc.assert(property, parameters(options))
}
