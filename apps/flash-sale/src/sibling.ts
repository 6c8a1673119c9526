import { extname } from 'node:path'

/** The script of another process of this app: `.js` in `dist`, `.ts` when run from the sources. */
export function sibling(name: string): URL {
  return new URL(`./${name}${extname(import.meta.url)}`, import.meta.url)
}
