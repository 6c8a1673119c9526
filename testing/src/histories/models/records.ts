import type { Addition } from '@lockstep/conformance'

/** What a change came to, by name as it stood after it; or the code of its refusal. */
export type Effect =
  | {
      readonly applied: boolean
      readonly values: readonly (readonly [name: string, value: number])[]
      readonly refused?: never
    }
  | { readonly refused: string }

/** Changes that had an operation id, with what they came to. */
export type Records = ReadonlyMap<string, Operation>

interface Asked {
  readonly operationId: string
  readonly kind: 'add' | 'addAll'
  readonly additions: readonly Addition[]
}

interface Operation extends Asked {
  readonly effect: Effect
}

/** What the operation came to when it was done; `'another'`: the id was given to other changes, of which one has a name in common. */
export function find(records: Records, asked: Asked): Effect | 'another' | undefined {
  const same = records.get(key(asked))
  if (same !== undefined) return same.effect
  const names = new Set(asked.additions.map(({ name }) => name))
  const others = [...records.values()].filter(({ operationId }) => operationId === asked.operationId)
  return others.some((record) => record.additions.some(({ name }) => names.has(name))) ? 'another' : undefined
}

export function recorded(records: Records, operation: Operation): Records {
  return new Map([...records, [key(operation), operation]])
}

/** A repeat may give the names in another order. */
function key({ operationId, kind, additions }: Asked): string {
  const changes = additions.map(({ name, delta, min = null, max = null }) => JSON.stringify([name, delta, min, max]))
  return JSON.stringify([operationId, kind, ...changes.toSorted()])
}
