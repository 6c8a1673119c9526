import { type Token, tokens } from './tokens.ts'

export interface Import {
  readonly specifier: string
  /** `import type` or `export type`: nothing of it is left at run time. */
  readonly typeOnly: boolean
  readonly line: number
}

export interface Module {
  /** Every `import`, `export … from`, `import()` and `require()` whose specifier is a literal. */
  readonly imports: readonly Import[]
  /** The line of each default export. */
  readonly defaultExports: readonly number[]
}

/** What a TypeScript source takes from other modules, and whether it has a default export. */
export function readModule(source: string): Module {
  const all = tokens(source)
  const imports: Import[] = []
  const defaultExports: number[] = []
  for (const [index, { kind, text, line }] of all.entries()) {
    if (kind !== 'word' || isProperty(all, index)) continue
    const rest = all.slice(index + 1, endOfClause(all, index + 1) + 2)
    if (text === 'import' || text === 'require' || text === 'export') {
      const specifier = specifierOf(text, rest)
      if (specifier !== undefined) imports.push({ specifier, typeOnly: isTypeOnly(rest), line })
    }
    if (text === 'export' && isDefault(rest)) defaultExports.push(line)
  }
  return { imports, defaultExports }
}

/** `a.import`, but not `...import('a')`. */
function isProperty(all: readonly Token[], index: number): boolean {
  return is(all[index - 1], '.') && !is(all[index - 2], '.')
}

/** The index of the `from 'x'` that ends what is named from `start` on, or of the first token that cannot precede it. */
function endOfClause(all: readonly Token[], start: number): number {
  let index = start
  while (inClause(all[index], all[index + 1])) index += 1
  return index
}

function inClause(token: Token | undefined, next: Token | undefined): boolean {
  if (token?.kind === 'sign') return '{},*'.includes(token.text)
  if (token?.kind !== 'word' || token.text === 'import' || token.text === 'export') return false
  return token.text !== 'from' || next?.kind !== 'string'
}

function specifierOf(keyword: string, rest: readonly Token[]): string | undefined {
  const [first, second] = rest
  if (keyword !== 'export' && is(first, '(') && second?.kind === 'string') return second.text
  if (keyword === 'import' && first?.kind === 'string') return first.text
  const [from, specifier] = rest.slice(-2)
  if (keyword !== 'require' && is(from, 'from') && specifier?.kind === 'string') return specifier.text
  return undefined
}

/** `import type from 'x'` is a value called type. */
function isTypeOnly([first, second]: readonly Token[]): boolean {
  return is(first, 'type') && second?.text !== 'from' && second?.text !== ','
}

/** `export default …`, `export { x as default }`, `export { default } from 'x'`, `export * as default from 'x'`. */
function isDefault(rest: readonly Token[]): boolean {
  const list = isTypeOnly(rest) ? rest.slice(1) : rest
  if (is(list[0], 'default')) return true
  if (!is(list[0], '{') && !is(list[0], '*')) return false
  return list.some((token, index) => is(token, 'default') && !is(list[index + 1], 'as'))
}

function is(token: Token | undefined, text: string): boolean {
  return token !== undefined && token.kind !== 'string' && token.text === text
}
