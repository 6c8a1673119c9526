import { readFile, writeFile } from 'node:fs/promises'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { applied, diffOf, type Mutant, type Place, placeOf, type Selection } from './mutant.ts'
import { type RunOptions, runTests } from './test-run.ts'
import { judge, type Verdict } from './verdict.ts'
import { copyWorkspace } from './workspace.ts'

export interface Result {
  readonly mutant: Mutant
  /** Of the file, from 1; `undefined` when the mutant has drifted. */
  readonly line: number | undefined
  readonly verdict: Verdict
  /** What it changes; empty when it has drifted. */
  readonly diff: string
  readonly seconds: number
}

/** `failures`: of the tests without any mutant. If there is one nothing is mutated, for a red would prove nothing. */
export interface HuntReport {
  readonly baseline: { readonly passed: number; readonly failures: readonly string[]; readonly seconds: number }
  readonly results: readonly Result[]
}

export interface HuntOptions {
  /** The workspace. It is only read. */
  readonly root: string
  readonly mutants: readonly Mutant[]
  /** Why a program that tests need is not there, and how to get it. */
  readonly missing?: (program: NonNullable<Mutant['needs']>) => Promise<string | undefined>
  /** Milliseconds for the tests of one mutant. Default 90,000. */
  readonly limit?: number
  readonly onBaseline?: (report: HuntReport['baseline']) => void
  readonly onResult?: (result: Result) => void
  readonly signal: AbortSignal
}

/** Milliseconds for all tests without a mutant. */
const baselineLimit = 480_000

interface Located {
  readonly mutant: Mutant
  readonly source: string
  readonly place: Place
}

/** Put each mutant into a copy of the workspace, one at a time, and see whether its tests notice. */
export async function hunt(options: HuntOptions): Promise<HuntReport> {
  const { root, mutants, missing, limit = 90_000, signal } = options
  const results: Result[] = []
  const tell = (result: Result): void => {
    results.push(result)
    options.onResult?.(result)
  }
  const located: Located[] = []
  for (const mutant of mutants) {
    const lack = mutant.needs && (await missing?.(mutant.needs))
    const found = await locate(root, mutant)
    if ('drift' in found)
      tell({ mutant, line: undefined, verdict: { is: 'drifted', why: found.drift }, diff: '', seconds: 0 })
    else if (lack !== undefined) tell(resultOf(found, { is: 'skipped', why: lack }, 0))
    else located.push(found)
  }
  await using copy = await copyWorkspace(root)
  const { green, ...baseline } = await runBaseline(copy.path, located, { limit: baselineLimit, signal })
  options.onBaseline?.(baseline)
  if (baseline.failures.length > 0) return { baseline, results }
  for (const one of located) {
    const started = performance.now()
    const verdict = await tryOut(copy.path, one, green, { limit, signal })
    tell(resultOf(one, verdict, secondsSince(started)))
  }
  return { baseline, results }
}

async function locate(root: string, mutant: Mutant): Promise<Located | { readonly drift: string }> {
  const source = await readFile(join(root, mutant.file), 'utf8').catch(() => undefined)
  if (source === undefined) return { drift: `there is no ${mutant.file}` }
  const place = placeOf(mutant, source)
  return 'drift' in place ? place : { mutant, source, place }
}

async function tryOut(
  folder: string,
  { mutant, source, place }: Located,
  green: ReadonlySet<string>,
  options: RunOptions,
): Promise<Verdict> {
  const text = applied(mutant, source, place)
  try {
    stripTypeScriptTypes(text)
  } catch (error) {
    return { is: 'broken', why: `it does not compile: ${String(error).split('\n', 1)[0]}` }
  }
  const path = join(folder, mutant.file)
  await writeFile(path, text)
  try {
    return judge(await runTests(folder, mutant.tests, options), green)
  } finally {
    await writeFile(path, source)
  }
}

/** All tests of all mutants, without a mutant: files of which some mutant wants every test, and then the others. */
async function runBaseline(
  folder: string,
  located: readonly Located[],
  options: RunOptions,
): Promise<HuntReport['baseline'] & { readonly green: ReadonlySet<string> }> {
  const started = performance.now()
  const selections = located.map(({ mutant }) => mutant.tests)
  const whole = new Set(selections.flatMap(({ files, named }) => (named === undefined ? files : [])))
  const rest = new Set(selections.flatMap(({ files }) => files.filter((file) => !whole.has(file))))
  const names = new Set(selections.flatMap(({ named }) => named ?? []))
  const runs: Selection[] = []
  if (whole.size > 0) runs.push({ files: [...whole] })
  if (rest.size > 0) runs.push({ files: [...rest], named: [...names].join('|') })
  const green = new Set<string>()
  const failures: string[] = []
  for (const selection of runs) {
    const { tests, unloaded, stuck, code, output } = await runTests(folder, selection, options)
    for (const { id, passed, errors } of tests) {
      if (passed) green.add(id)
      else failures.push([id, ...errors.map(({ name, message }) => `${name}: ${message}`)].join('\n'))
    }
    failures.push(...unloaded.map(({ file, why }) => `${file} could not be loaded: ${why}`))
    if (stuck) failures.push('The tests did not end in time.')
    else if (code !== 0 && failures.length === 0) failures.push(output)
  }
  return { passed: green.size, failures, seconds: secondsSince(started), green }
}

function resultOf({ mutant, source, place }: Located, verdict: Verdict, seconds: number): Result {
  return { mutant, line: place.line, verdict, diff: diffOf(mutant, source, place), seconds }
}

function secondsSince(started: number): number {
  return Math.round((performance.now() - started) / 100) / 10
}
