/**
 * The lint of the house: every arrow between packages is one that the table of `ARCHITECTURE.md` allows. Prints each
 * violation with its file, line and rule, and exits with 1 if there is one.
 *
 *     node testing/src/lint/imports.ts [root]
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readModule } from './module.ts'
import { dependencyFault, importFault, mayExportDefault, type Member, type Rules } from './rules.ts'
import { readTable } from './table.ts'

export interface Violation {
  /** From the root of the repository. */
  readonly file: string
  readonly line: number
  readonly rule: string
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** All violations in the repository at `root`. */
export function checkImports(root: string): readonly Violation[] {
  const read = (file: string): string => readFileSync(join(root, file), 'utf8')
  const members = list(root, '{packages,apps}/*/package.json', '{testing,bench}/package.json').map((file) =>
    readMember(file, read(file)),
  )
  const rules = { table: readTable(read('ARCHITECTURE.md')), members }
  return [
    ...members.flatMap((member) => manifestViolations(rules, member, read(`${member.folder}/package.json`))),
    ...list(root, '*.ts', '{packages,apps,testing,bench}/**/*.ts').flatMap((file) =>
      sourceViolations(rules, file, read(file)),
    ),
  ]
}

function readMember(file: string, text: string): Member {
  const manifest = JSON.parse(text) as Manifest
  return { folder: file.replace('/package.json', ''), name: manifest.name, private: manifest.private === true }
}

function manifestViolations(rules: Rules, member: Member, text: string): Violation[] {
  const { dependencies, peerDependencies, optionalDependencies } = JSON.parse(text) as Manifest
  const file = `${member.folder}/package.json`
  const names = Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })
  return names.flatMap((name) => {
    const rule = dependencyFault(rules, member, name)
    return rule === undefined ? [] : [{ file, line: lineOf(text, `"${name}":`), rule }]
  })
}

function sourceViolations(rules: Rules, file: string, text: string): Violation[] {
  const { imports, defaultExports } = readModule(text)
  const member = rules.members.find(({ folder }) => file.startsWith(`${folder}/`))
  const violations: Violation[] = []
  for (const entry of imports) {
    const rule = member && importFault(rules, member, file, entry)
    if (rule !== undefined) violations.push({ file, line: entry.line, rule })
  }
  if (!mayExportDefault(file)) {
    const rule = 'only packages/fastify and configuration files may have a default export'
    violations.push(...defaultExports.map((line) => ({ file, line, rule })))
  }
  return violations
}

function list(root: string, ...patterns: readonly string[]): string[] {
  const files = globSync(patterns, { cwd: root, exclude: ['**/node_modules', '**/dist', '**/coverage'] })
  return files.map((file) => file.replaceAll('\\', '/')).toSorted()
}

function lineOf(text: string, part: string): number {
  return text.slice(0, text.indexOf(part)).split('\n').length
}

if (import.meta.main) {
  const violations = checkImports(process.argv[2] ?? join(import.meta.dirname, '../../..'))
  for (const { file, line, rule } of violations) console.log(`${file}:${line}: ${rule}`)
  if (violations.length > 0) process.exitCode = 1
}
