import { InvalidArgumentError } from '@lockstep/state'
import { naming, type Row } from './fault.ts'

export const nameFaults: Row[] = [
  ['takes upper case for lower case', ['names/kept-apart'], naming((name) => name.toLowerCase())],
  ['cuts trailing spaces', ['names/kept-apart'], naming((name) => name.trimEnd())],
  ['composes accents', ['names/kept-apart'], naming((name) => name.normalize('NFC'))],
  ['looks names up in an object', ['names/words-of-the-language'], naming((name) => (name in {} ? 'inherited' : name))],
  [
    'has no room for long names',
    ['names/longest'],
    ({ counters }) => ({
      counters: {
        read: async (name, fence, call) => {
          if (Buffer.byteLength(name) > 190) throw new InvalidArgumentError(`the name ${name} is too long`)
          return counters.read(name, fence, call)
        },
      },
    }),
  ],
  [
    'deletes all that has a name',
    ['names/primitives-apart'],
    ({ counters, entries }) => ({
      entries: {
        apply: async (list, call) => {
          if (list.changes.some(({ kind }) => kind === 'delete'))
            await counters.apply({ ...list, changes: [{ kind: 'delete' }] }, call)
          return entries.apply(list, call)
        },
      },
    }),
  ],
]
