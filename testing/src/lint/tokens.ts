/**
 * A piece of TypeScript source that matters to imports. Comments and regular expressions are left out; a string is its
 * content, a template is empty.
 */
export interface Token {
  readonly kind: 'word' | 'string' | 'template' | 'sign'
  readonly text: string
  /** Counted from 1. */
  readonly line: number
}

/** After one of these, or at the start, a slash opens a regular expression; after anything else it divides. */
const beforeRegex = new Set(
  '( , = : [ ! & | ? { } ; + - * % < > ~ ^ return typeof case of in do else yield await'.split(' '),
)

const patterns = {
  space: /\s+/y,
  comment: /\/\/.*|\/\*[^]*?\*\//y,
  /** Names, keywords and whole numbers alike. */
  word: /[\p{ID_Continue}$#]+/uy,
  string: /'((?:[^'\\\n]|\\[^])*)'|"((?:[^"\\\n]|\\[^])*)"/y,
  regex: /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y,
  /** The text of a template up to its end or to the next `${`. */
  template: /(?:[^`\\$]|\\[^]|\$(?!\{))*(`|\$\{)/y,
} as const

/** The tokens of a source, in order. Code inside `${…}` counts as code. */
export function tokens(source: string): readonly Token[] {
  const found: Token[] = []
  /** For each template that is open, how many braces are open inside its `${`. */
  const templates: number[] = []
  let at = 0
  let line = 1

  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(source)
    if (!match) return undefined
    at += match[0].length
    return match
  }
  const add = (kind: Token['kind'], text: string): void => void found.push({ kind, text, line })
  const templateText = (): void => {
    if (take(patterns.template)?.[1] === '${') templates.push(0)
    else add('template', '')
  }

  while (at < source.length) {
    const start = at
    const sign = source[at] ?? ''
    const previous = found.at(-1)
    const slashOpens =
      !previous || ((previous.kind === 'sign' || previous.kind === 'word') && beforeRegex.has(previous.text))
    if (take(patterns.space) ?? take(patterns.comment) ?? (slashOpens && take(patterns.regex))) {
      // Says nothing about imports.
    } else if (take(patterns.word)) {
      add('word', source.slice(start, at))
    } else if (take(patterns.string)) {
      add('string', source.slice(start + 1, at - 1))
    } else {
      at += 1
      const depth = templates.at(-1)
      if (sign === '`') templateText()
      else if (sign === '}' && depth === 0) {
        templates.pop()
        templateText()
      } else {
        if (depth !== undefined && sign === '{') templates[templates.length - 1] = depth + 1
        if (depth !== undefined && sign === '}') templates[templates.length - 1] = depth - 1
        add('sign', sign)
      }
    }
    line += source.slice(start, at).split('\n').length - 1
  }
  return found
}
