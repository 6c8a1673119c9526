import type { Fence } from '@lockstep/state'
import { changing, fencing, type Row } from './fault.ts'

/** The last fence that anybody showed. */
let last: Fence | undefined

export const fenceFaults: Row[] = [
  [
    'ignores the fences of counters',
    ['fencing/counters'],
    changing({ counters: ({ fence: _fence, ...change }) => change }),
  ],
  [
    'ignores the fences of entries',
    ['fencing/entries'],
    changing({ entries: ({ fence: _fence, ...change }) => change }),
  ],
  [
    'ignores the fences of reads',
    ['fencing/reads'],
    ({ counters, entries }) => ({
      counters: { read: (name, _fence, call) => counters.read(name, undefined, call) },
      entries: { read: (name, _fence, call) => entries.read(name, undefined, call) },
    }),
  ],
  [
    'ignores the fence of addAll',
    ['fencing/all-or-nothing'],
    ({ counters }) => ({
      counters: { applyAll: (request, call) => counters.applyAll({ ...request, fence: undefined }, call) },
    }),
  ],
  [
    'ignores the fence of what is not there',
    ['fencing/outlives-resource'],
    ({ counters, entries }) => ({
      counters: {
        apply: async (list, call) => {
          const isThere = (await counters.read(list.name, undefined, call)) !== 0
          return counters.apply(
            isThere ? list : { ...list, changes: list.changes.map(({ fence: _fence, ...change }) => change) },
            call,
          )
        },
      },
      entries: {
        apply: async (list, call) => {
          const isThere = (await entries.read(list.name, undefined, call)) !== null
          return entries.apply(
            isThere ? list : { ...list, changes: list.changes.map(({ fence: _fence, ...change }) => change) },
            call,
          )
        },
      },
    }),
  ],
  [
    'refuses a token that was used',
    ['fencing/equal'],
    ({ counters }) => ({
      counters: {
        apply: async (list, call) => {
          const outcomes = await counters.apply(list, call)
          for (const { fence } of list.changes) {
            if (fence !== undefined) await counters.read(list.name, { ...fence, token: fence.token + 1 }, call)
          }
          return outcomes
        },
      },
    }),
  ],
  [
    'asks a fence of everybody',
    ['fencing/unfenced'],
    fencing((fence) => {
      last = fence ?? last
      return fence ?? (last && { ...last, token: 1 })
    }),
  ],
  ['takes all locks for one', ['fencing/per-lock'], fencing((fence) => fence && { ...fence, name: 'l' })],
  [
    'has one mark for all resources',
    ['fencing/per-resource'],
    ({ counters, entries }) => {
      const names = new Set<string>()
      return {
        counters: {
          apply: async (list, call) => {
            const outcomes = await counters.apply(list, call)
            const fence = list.changes[0]?.fence
            if (fence !== undefined)
              for (const name of new Set([...names, list.name])) await entries.read(name, fence, call)
            names.add(list.name)
            return outcomes
          },
        },
      }
    },
  ],
]
