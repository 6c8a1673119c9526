/**
 * Options as on the command line of redis-server, as the text of its configuration file: `'--save', ''` is `save ""`.
 * From a file the server can also rewrite them, as Sentinel and CONFIG REWRITE have it do.
 */
export function configuration(options: readonly string[]): string {
  const words = options.map((word) => (word.startsWith('--') ? `\n${word.slice(2)}` : ` ${JSON.stringify(word)}`))
  return `${words.join('').trimStart()}\n`
}

/** The first value of an option, of the last one where it is given more than once. */
export function valueOf(options: readonly string[], name: string): string | undefined {
  const at = options.lastIndexOf(name)
  return at < 0 ? undefined : options[at + 1]
}
