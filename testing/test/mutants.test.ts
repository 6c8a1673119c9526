import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { mutants } from '../src/mutants/list.ts'
import { type Mutant, placeOf } from '../src/mutants/mutant.ts'
import { TestProcess } from '../src/processes.ts'
import { type TemporaryFolder, temporaryFolder } from '../src/tmp.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const program = new URL('fixtures/hunter.ts', import.meta.url)

/** A workspace with one rule. */
const files = {
  'package.json': '{ "type": "module" }',
  'rule.ts': 'export const limit = 10\nexport function fits(n: number): boolean {\n  return n <= limit\n}\n',
  'rule.test.ts': [
    "import { expect, test } from 'vitest'",
    "import { fits } from './rule.ts'",
    "test('ten fit', () => expect(fits(10)).toBe(true))",
    "test('eleven do not', () => expect(fits(11)).toBe(false))",
    "test('one fits', () => { if (!fits(1)) throw new Error('one does not') })",
  ].join('\n'),
}

const rule = { why: 'too many would be let in', file: 'rule.ts', tests: { files: ['rule.test.ts'] } }
const toys = {
  caught: { ...rule, name: 'rule/limit', find: 'n <= limit', replace: 'n < limit' },
  survived: { ...rule, name: 'rule/sign', find: 'n <= limit', replace: 'n <= limit && n > 0' },
  drifted: { ...rule, name: 'rule/gone', find: 'n >= limit', replace: 'n > limit' },
  ambiguous: { ...rule, name: 'rule/twice', find: 'limit', replace: 'bound' },
  syntax: { ...rule, name: 'rule/syntax', find: 'return n', replace: 'return (n' },
  crash: { ...rule, name: 'rule/crash', find: 'limit = 10', replace: 'limit = [].at(1)!.length' },
  thrown: {
    ...rule,
    name: 'rule/thrown',
    find: 'n <= limit',
    replace: 'n > 1',
    tests: { ...rule.tests, named: 'one fits' },
  },
  nothing: {
    ...rule,
    name: 'rule/untested',
    find: 'n <= limit',
    replace: 'n < limit',
    tests: { ...rule.tests, named: 'twelve' },
  },
} satisfies Record<string, Mutant>

test('each mutant of the list stands in its file exactly once, under a name of its own', () => {
  const faults = mutants.flatMap((mutant) => {
    const place = placeOf(mutant, readFileSync(join(root, mutant.file), 'utf8'))
    return 'drift' in place ? `${mutant.name}: ${place.drift}` : []
  })
  expect(faults).toEqual([])
  expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length)
})

test(
  'a mutant is caught only by a test that passed without it and fails by an assertion',
  { timeout: 60_000 },
  async () => {
    await using workspace = await toyWorkspace()
    const { stdout, code } = await run(workspace, Object.values(toys), ['--json'])

    const { mutants: results } = JSON.parse(stdout) as { mutants: { name: string }[] }
    expect(Object.fromEntries(results.map(({ name, ...result }) => [name, result]))).toMatchObject({
      'rule/limit': { verdict: 'caught', by: 'ten fit', line: 3 },
      'rule/sign': { verdict: 'survived' },
      'rule/gone': { verdict: 'drifted', reason: 'its text is not found in rule.ts' },
      'rule/twice': { verdict: 'drifted', reason: 'its text is found more than once in rule.ts' },
      'rule/syntax': { verdict: 'broken', reason: expect.stringMatching(/does not compile/) },
      'rule/crash': { verdict: 'broken', reason: expect.stringMatching(/could not be loaded/) },
      'rule/thrown': { verdict: 'broken', reason: expect.stringMatching(/not by an assertion: Error: one does not/) },
      'rule/untested': { verdict: 'broken', reason: expect.stringMatching(/no test was run/) },
    })
    expect(code).toBe(1)
    expect(readFileSync(join(workspace.path, 'rule.ts'), 'utf8')).toBe(files['rule.ts'])
  },
)

test.for([
  ['survived', 1],
  ['drifted', 1],
  ['syntax', 1],
] as const)('with a mutant that is %s the exit code is %i', async ([toy, code]) => {
  await using workspace = await toyWorkspace()
  expect(await run(workspace, [toys[toy]])).toMatchObject({ code })
})

test('the table says who caught what, and shows what nobody caught', async () => {
  await using workspace = await toyWorkspace()
  const { stdout, stderr, code } = await run(workspace, [toys.caught, toys.survived, toys.drifted])

  expect(stdout).toMatch(/✓ rule\/limit +rule\.ts:3 +\d+\.\d s {2}ten fit/)
  expect(stdout).toContain('rule/sign: survived\n  too many would be let in\n')
  expect(stdout).toContain('-   return n <= limit\n    +   return n <= limit && n > 0\n')
  expect(stdout).toContain('1 caught, 1 survived, 1 drifted')
  expect(stderr).toMatch(/without a mutant: 3 passed, 0 failed/)
  expect(code).toBe(1)
})

test('--only chooses by a part of the name, and a name that is not there is an error', async () => {
  await using workspace = await toyWorkspace()
  const all = [toys.caught, toys.survived]
  const chosen = await run(workspace, all, ['--only', 'limit'])
  const none = await run(workspace, all, ['--only', 'lim1t'])

  expect([chosen.code, chosen.stdout.trim().split('\n').at(-1)]).toEqual([0, '1 caught'])
  expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/No mutant has lim1t in its name/)])
})

test('a wrong option is an error with the usage', async () => {
  await using workspace = await toyWorkspace()
  const { code, stderr } = await run(workspace, [], ['--jason'])

  expect([code, stderr]).toEqual([2, expect.stringMatching(/--jason[^]*Usage: pnpm mutants/)])
})

test('tests that are red without a mutant prove nothing: nothing is mutated', async () => {
  await using workspace = await toyWorkspace({ 'rule.ts': files['rule.ts'].replace('<=', '<') })
  const { code, stdout } = await run(workspace, [{ ...toys.caught, find: 'n < limit', replace: 'n > limit' }])

  expect(stdout).toMatch(/fail without any mutant[^]*rule\.test\.ts > ten fit\nAssertionError: /)
  expect(code).toBe(1)
})

test('what a missing program keeps from being tried out is skipped, with how to get it, and is no success', async () => {
  await using workspace = await toyWorkspace()
  const { code, stdout } = await run(workspace, [{ ...toys.caught, needs: 'redis-server' }], [], { PATH: '/nowhere' })

  expect(stdout).toMatch(/rule\/limit: skipped, There is no redis-server on the PATH\. Install one/)
  expect(code).toBe(1)
})

test.for(['SIGINT', 'SIGTERM'] as const)('%s ends the tests that run and leaves no copy behind', async (signal) => {
  const hanging = [
    "import { writeFileSync } from 'node:fs'",
    "import { test } from 'vitest'",
    "test('hangs', () => { writeFileSync('pid', `${process.pid}`); return new Promise(() => {}) }, 60_000)",
  ].join('\n')
  await using workspace = await toyWorkspace({ 'rule.test.ts': hanging })
  await using scratch = await temporaryFolder()
  await using hunt = new TestProcess(program, {
    args: [workspace.path, JSON.stringify([toys.caught])],
    env: { TMPDIR: scratch.path },
  })
  const pid = (): number => Number(globSync('lockstep-*/pid', { cwd: scratch.path }).map(read(scratch.path)).join(''))
  await expect.poll(pid).toBeGreaterThan(0)
  const tests = pid()
  const exit = await hunt.kill(signal)

  expect(exit).toEqual({ code: signal === 'SIGINT' ? 130 : 143, signal: null })
  expect(globSync('lockstep-*', { cwd: scratch.path })).toEqual([])
  // It has ended; who inherited it may still have to notice.
  await expect.poll(() => existsSync(`/proc/${tests}`)).toBe(false)
})

function read(folder: string): (file: string) => string {
  return (file) => readFileSync(join(folder, file), 'utf8')
}

async function toyWorkspace(changed: Partial<typeof files> = {}): Promise<TemporaryFolder> {
  const folder = await temporaryFolder()
  await mkdir(join(folder.path, 'node_modules'))
  await symlink(join(root, 'node_modules/vitest'), join(folder.path, 'node_modules/vitest'))
  const texts = Object.entries({ ...files, ...changed })
  await Promise.all(texts.map(([name, text]) => writeFile(join(folder.path, name), text)))
  return folder
}

interface Ended {
  readonly code: number | string | null | undefined
  readonly stdout: string
  readonly stderr: string
}

/** The whole program, as a process of its own. */
function run(
  workspace: TemporaryFolder,
  list: readonly Mutant[],
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const argv = [fileURLToPath(program), workspace.path, JSON.stringify(list), ...args]
  const options = { env: { ...process.env, NO_COLOR: '1', ...env }, timeout: 50_000 }
  return new Promise((resolve) => {
    execFile(process.execPath, argv, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    )
  })
}
