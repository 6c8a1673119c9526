import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Line, Load } from '../fixtures/load.ts'

/** One call as its process saw it. Times are milliseconds on a clock that all processes share. */
export interface Operation {
  readonly name: string
  readonly call: Load['call']
  readonly from: number
  /** Absent: the process ended first. */
  readonly to?: number
  /** What was answered; `null`: sold out. */
  readonly value?: number | null
  /** The code of its error. */
  readonly failed?: string
}

/** All calls that the processes have noted in this folder, in the order of their beginnings. */
export async function readHistory(folder: string): Promise<Operation[]> {
  const files = await readdir(folder)
  const histories = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return histories.flatMap(operationsIn).toSorted((a, b) => a.from - b.from)
}

function operationsIn(text: string): Operation[] {
  const operations = new Map<number, Operation>()
  for (const line of text.trimEnd().split('\n')) {
    const { id, ...rest } = JSON.parse(line) as Line
    operations.set(id, { ...operations.get(id), ...rest } as Operation)
  }
  return [...operations.values()]
}

/** Answered: it has happened, once. */
export function isAcknowledged({ value }: Operation): boolean {
  return value !== undefined
}

/** Nobody knows whether it has happened. */
export function isUnknown({ to, failed }: Operation): boolean {
  return to === undefined || failed === 'LOCKSTEP_OUTCOME_UNKNOWN'
}
