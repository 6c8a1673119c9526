import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const main = new URL('../src/main.ts', import.meta.url)

/** The app from start to end, on a store of its own unless `env` names one. */
export async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['--conditions=@lockstep/source', fileURLToPath(main), ...args], {
    env: { ...process.env, LOCKSTEP_REDIS_URL: '', LOCKSTEP_MYSQL_URI: '', ...env },
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code, stdout, stderr }
}
