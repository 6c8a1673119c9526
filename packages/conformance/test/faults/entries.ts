import type { EntryValue } from '@lockstep/state'
import { changing, telling, type Row } from './fault.ts'

export const entryFaults: Row[] = [
  [
    'returns expired entries',
    ['entries/expiry'],
    ({ entries }) => {
      const cache = new Map<string, EntryValue>()
      return {
        entries: {
          read: async (name, fence, call) => {
            const entry = await entries.read(name, fence, call)
            if (entry !== null) cache.set(name, entry)
            return entry ?? cache.get(name) ?? null
          },
        },
      }
    },
  ],
  [
    'has an empty entry where there is none',
    ['entries/absent'],
    ({ entries }) => ({
      entries: {
        read: async (name, fence, call) =>
          (await entries.read(name, fence, call)) ?? { value: '', version: 0, expiresIn: null },
      },
    }),
  ],
  ['says that all is applied', ['entries/delete'], telling({ entries: (outcome) => ({ ...outcome, applied: true }) })],
  [
    'counts versions from 1',
    ['entries/version', 'entries/version-after-delete'],
    telling({ entries: (outcome) => ({ ...outcome, version: 1 }) }),
  ],
  [
    'tells another version than it keeps',
    ['entries/set'],
    telling({ entries: (outcome) => ({ ...outcome, version: outcome.version + 1 }) }),
  ],
  [
    'ignores ifVersion',
    ['entries/if-version', 'entries/one-winner', 'entries/open', 'properties/model'],
    changing({ entries: (change) => (change.kind === 'set' ? { ...change, ifVersion: undefined } : change) }),
  ],
  [
    'leaves no tombstones',
    ['entries/tombstone'],
    changing({ entries: (change) => (change.kind === 'delete' ? { kind: 'delete' } : change) }),
  ],
  [
    'keeps every entry for ever',
    ['entries/set-ttl'],
    changing({ entries: (change) => (change.kind === 'set' ? { ...change, ttl: undefined } : change) }),
  ],
  [
    'forgets maxLifetime',
    ['entries/max-lifetime'],
    changing({ entries: (change) => (change.kind === 'set' ? { ...change, maxLifetime: undefined } : change) }),
  ],
  [
    'touches for a moment only',
    ['entries/touch'],
    changing({ entries: (change) => (change.kind === 'touch' ? { ...change, ttl: 1 } : change) }),
  ],
  [
    'makes a new version when it touches',
    ['entries/touch'],
    ({ entries }) => ({
      entries: {
        apply: async (list, call) => {
          const outcomes = await entries.apply(list, call)
          if (list.changes.some(({ kind }) => kind === 'touch'))
            await entries.apply({ ...list, changes: [{ kind: 'set', value: 'touched' }] }, call)
          return outcomes
        },
      },
    }),
  ],
  [
    'does not delete entries',
    ['entries/delete'],
    changing({ entries: (change) => (change.kind === 'delete' ? { kind: 'touch', ttl: 60_000 } : change) }),
  ],
  [
    'composes text',
    ['entries/text'],
    changing({
      entries: (change) =>
        change.kind === 'set' ? { ...change, value: change.value.normalize('NFC').trim() } : change,
    }),
  ],
  [
    'cuts long values',
    ['entries/large'],
    changing({
      entries: (change) => (change.kind === 'set' ? { ...change, value: change.value.slice(0, 65_535) } : change),
    }),
  ],
  [
    'refuses a whole list for one change',
    ['requests/refusals-in-place'],
    ({ entries }) => ({
      entries: {
        apply: async (list, call) => {
          const outcomes = await entries.apply(list, call)
          const failure = outcomes.find((outcome) => 'code' in outcome)
          return outcomes.map((outcome) => failure ?? outcome)
        },
      },
    }),
  ],
]
