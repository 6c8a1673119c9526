import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'

/** The installed versions of some packages. */
export function versionsOf(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, versionOf(name)]))
}

function versionOf(name: string): string {
  const manifest = JSON.parse(readFileSync(findPackageJSON(name, import.meta.url) ?? '', 'utf8')) as { version: string }
  return manifest.version
}
