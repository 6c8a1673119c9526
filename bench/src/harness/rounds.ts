export interface Pace {
  /** Rounds that count. */
  readonly rounds: number
  /** Milliseconds that each participant is measured for in a round. */
  readonly duration: number
  /** Milliseconds that it runs before that: it was at rest while the others were measured. */
  readonly warmUp: number
}

/** Enough to see that everything runs. */
export const quickly: Pace = { rounds: 1, duration: 100, warmUp: 0 }

/**
 * Everyone is measured once in every round, one after the other, each time starting with another, so that a change of
 * the machine's mood meets all alike. The first round warms up and does not count.
 *
 * @returns for each participant what was measured, one for each round
 */
export async function interleave<Name extends string, Value>(
  participants: Readonly<Record<Name, () => Promise<Value>>>,
  { rounds }: Pace,
): Promise<Record<Name, Value[]>> {
  const names = Object.keys(participants) as Name[]
  const values = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Value[]>
  for (let round = 0; round <= rounds; round += 1) {
    const first = round % names.length
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const value = await participants[name]()
      if (round > 0) values[name].push(value)
    }
  }
  return values
}
