/** How much of another package may be imported: all of it, its types only, or its `/worker` entry only. */
export type Extent = 'all' | 'types' | 'worker side'

/** For each package of the table, what it may import and how much of that. */
export type Table = ReadonlyMap<string, ReadonlyMap<string, Extent>>

/**
 * The table of `ARCHITECTURE.md`: the rows whose first cell is a name in backticks. The last cell lists what that
 * package may import, as `` `state`, `engine` (types) ``, or says `node only`. Throws at a list that it cannot read.
 */
export function readTable(markdown: string): Table {
  const rows = markdown.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
  const table = new Map<string, ReadonlyMap<string, Extent>>()
  for (const cells of rows) {
    const name = /^`([\w-]+)`$/.exec(cells[1] ?? '')?.[1]
    const allowed = cells.at(-2)
    if (cells.length > 3 && name !== undefined && allowed !== undefined) table.set(name, readList(allowed))
  }
  return table
}

function readList(list: string): ReadonlyMap<string, Extent> {
  if (list === 'node only') return new Map()
  return new Map(list.split(', ').map(readItem))
}

function readItem(item: string): [string, Extent] {
  const match = /^`?([\w@/-]+)`?(?: \((types|worker side)\))?$/.exec(item)
  if (!match?.[1]) throw new Error(`The table of ARCHITECTURE.md has a list that cannot be read at: ${item}`)
  return [match[1], (match[2] as Extent | undefined) ?? 'all']
}
