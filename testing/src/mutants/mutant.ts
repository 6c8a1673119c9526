/** Which tests are meant to notice. */
export interface Selection {
  /** From the root of the workspace. */
  readonly files: readonly string[]
  /** Part of the titles, as a regular expression. Default: all tests of the files. */
  readonly named?: string
}

/** A fault that is put into a copy of the workspace on purpose: the tests have to find it. */
export interface Mutant {
  /** `room/what`, for the table and for `--only`. */
  readonly name: string
  /** What would go wrong for users. */
  readonly why: string
  /** From the root of the workspace. */
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
  readonly tests: Selection
  /** A program without which these tests are skipped. */
  readonly needs?: 'redis-server' | 'mariadbd'
}

/** Where a mutant changes its file. */
export interface Place {
  readonly index: number
  /** From 1. */
  readonly line: number
}

/** Where the mutant's text stands; or why it cannot be applied, for the code has moved on without it. */
export function placeOf({ file, find, replace }: Mutant, source: string): Place | { readonly drift: string } {
  if (find === '' || find === replace) return { drift: 'it would change nothing' }
  const index = source.indexOf(find)
  if (index < 0) return { drift: `its text is not found in ${file}` }
  if (source.includes(find, index + 1)) return { drift: `its text is found more than once in ${file}` }
  return { index, line: source.slice(0, index).split('\n').length }
}

export function applied({ find, replace }: Mutant, source: string, { index }: Place): string {
  return source.slice(0, index) + replace + source.slice(index + find.length)
}

/** The whole lines that the mutant changes, before and after, as a diff without context. */
export function diffOf({ file, find, replace }: Mutant, source: string, { index, line }: Place): string {
  const start = source.lastIndexOf('\n', index - 1) + 1
  const stop = source.indexOf('\n', index + find.length)
  const head = source.slice(start, index)
  const tail = source.slice(index + find.length, stop < 0 ? undefined : stop)
  const before = (head + find + tail).split('\n')
  const after = (head + replace + tail).split('\n')
  return [`${file}:${line}`, ...before.map((text) => `- ${text}`), ...after.map((text) => `+ ${text}`)].join('\n')
}
