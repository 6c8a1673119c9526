import type { TestRun } from './test-run.ts'

/** What became of a mutant. Only the first is as it should be. */
export type Verdict =
  /** `by`: the title of a test that passed without the mutant and failed with it, by an assertion. */
  | { readonly is: 'caught'; readonly by: string }
  /** All tests passed: one is missing. */
  | { readonly is: 'survived' }
  /** Its text is not what stands in the file. */
  | { readonly is: 'drifted'; readonly why: string }
  /** Red, or nothing, for a reason that says nothing about the tests. */
  | { readonly is: 'broken'; readonly why: string }
  /** The tests need a program that is not there; `why` says how to get it. */
  | { readonly is: 'skipped'; readonly why: string }

/** `green`: the ids of the tests that passed without the mutant. */
export function judge({ tests, unloaded, stuck, code, output }: TestRun, green: ReadonlySet<string>): Verdict {
  const [unread] = unloaded
  if (unread !== undefined) return broken(`${unread.file} could not be loaded: ${firstLine(unread.why)}`)
  if (stuck) return broken('the tests did not end in time')
  if (tests.length === 0) return broken(`no test was run: ${lastLine(output)}`)
  const failed = tests.filter(({ passed }) => !passed)
  const errors = failed.flatMap((test) => test.errors)
  const script = errors.find(({ message }) => message.includes('user_script:'))
  if (script !== undefined) return broken(`a Lua script does not run: ${firstLine(script.message)}`)
  if (failed.length === 0)
    return code === 0 ? { is: 'survived' } : broken(`an error outside of tests: ${lastLine(output)}`)
  // What else a test throws may be no more than a program that does not run, or that hangs.
  const by = failed.find((test) => green.has(test.id) && test.errors.some(({ name }) => name === 'AssertionError'))
  if (by !== undefined) return { is: 'caught', by: by.title }
  const [error] = errors
  return broken(`red, but not by an assertion: ${error?.name}: ${firstLine(error?.message ?? '')}`)
}

function broken(why: string): Verdict {
  return { is: 'broken', why }
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? ''
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
