import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StateCall } from '@lockstep/conformance'
import type { Operation } from './operation.ts'
import type { Line } from './record.ts'

/** All calls that were recorded in the files of this folder, in the order of their beginnings. */
export async function readHistory(folder: string): Promise<Operation<StateCall>[]> {
  const files = await readdir(folder)
  const histories = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return histories.flatMap(operationsIn).toSorted((a, b) => a.from - b.from)
}

/** The last line of a process that was killed may be cut short: it says nothing. */
function operationsIn(text: string): Operation<StateCall>[] {
  const operations = new Map<number, Operation<StateCall>>()
  for (const line of text.split('\n').slice(0, -1)) {
    const { id, ...rest } = JSON.parse(line) as Line
    operations.set(id, { ...operations.get(id), ...rest } as Operation<StateCall>)
  }
  return [...operations.values()]
}
