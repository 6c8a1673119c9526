import { isBuiltin } from 'node:module'
import { dirname, join, normalize } from 'node:path/posix'
import type { Import } from './module.ts'
import type { Table } from './table.ts'

/** A folder of the workspace that has a package.json. */
export interface Member {
  /** Relative to the root: `packages/state`, `testing`. */
  readonly folder: string
  /** As others import it: `@lockstep/state`. */
  readonly name: string
  readonly private: boolean
}

export interface Rules {
  readonly table: Table
  readonly members: readonly Member[]
}

/** What is wrong with an import in `file` (a path from the root) of `member`; nothing if it is right. */
export function importFault(
  rules: Rules,
  member: Member,
  file: string,
  { specifier, typeOnly }: Import,
): string | undefined {
  if (specifier.startsWith('.')) return relativeFault(member, file, specifier)
  if (isBuiltin(specifier) || !file.startsWith(`${member.folder}/src/`)) return undefined
  const fault = dependencyFault(rules, member, specifier)
  if (fault !== undefined) return fault
  const extent = rules.table.get(shortName(member.name))?.get(shortName(specifier))
  if (extent === 'types' && !typeOnly) return `${member.name} may import only types from ${specifier}`
  if (extent === 'worker side' && !specifier.endsWith('/worker'))
    return `${member.name} may import only ${packageName(specifier)}/worker`
  return undefined
}

/** What is wrong with `member` depending on a package at all; `specifier` may go deeper than its name. */
export function dependencyFault(rules: Rules, member: Member, specifier: string): string | undefined {
  const name = packageName(specifier)
  if (name === member.name) return undefined
  if (member.folder.startsWith('apps/')) return appFault(rules, specifier)
  if (!member.folder.startsWith('packages/')) return undefined
  if (isFastify(name)) {
    const plugin = member.name === '@lockstep/fastify' || member.name === '@lockstep/dashboard'
    return plugin ? undefined : `${member.name} may not know Fastify`
  }
  const allowed = rules.table.get(shortName(member.name))
  if (!allowed) return `${member.name} is not in the table of ARCHITECTURE.md`
  return allowed.has(shortName(name)) ? undefined : `${member.name} may not import ${name}`
}

/** An app shows what users can do, so it has what they have; its start script may bring up a backend. */
function appFault({ members }: Rules, specifier: string): string | undefined {
  const name = packageName(specifier)
  const hidden = members.find((member) => member.name === name)?.private === true
  if (!hidden || specifier.startsWith('@lockstep/testing/servers/')) return undefined
  return `an app may not import ${name}, which is private`
}

function relativeFault(member: Member, file: string, specifier: string): string | undefined {
  const target = normalize(join(dirname(file), specifier))
  return target.startsWith(`${member.folder}/`)
    ? undefined
    : `${specifier} leaves its package: import the other one by name`
}

/**
 * Whether `file` may have a default export: Fastify loads plugins by it, tools their configuration. Elsewhere a name
 * should be the same wherever it is used.
 */
export function mayExportDefault(file: string): boolean {
  return file.startsWith('packages/fastify/') || file.endsWith('.config.ts')
}

function isFastify(name: string): boolean {
  return name === 'fastify' || name === 'fastify-plugin' || name.startsWith('@fastify/')
}

/** `@scope/name` of `@scope/name/deeper`. */
function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** What the table calls it: our packages without their scope. */
function shortName(specifier: string): string {
  return packageName(specifier).replace('@lockstep/', '')
}
