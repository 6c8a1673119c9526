/** The blocks of a Markdown text that are marked `ts`, in order. */
export function examples(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```ts\n([^]*?)^```$/gm)].map(([, code = '']) => code)
}
