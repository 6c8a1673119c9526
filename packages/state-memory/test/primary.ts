import { join } from 'node:path'
import type { Ground } from '@lockstep/testing/faults/ground'
import type { AdapterChoice } from '@lockstep/testing/members/adapter'
import { TestProcess } from '@lockstep/testing/processes'
import { startFaultProxy } from '@lockstep/testing/proxy'
import { temporaryFolder } from '@lockstep/testing/tmp'

/** For members whose environment names a host; a member without one keeps a state of its own. */
export function memoryWith(env: Readonly<Record<string, string>>): AdapterChoice {
  return { module: new URL('../src/index.ts', import.meta.url).href, name: 'memory', env }
}

/** What is the same in every line of the report about this adapter. */
export const onMemory: Pick<Ground, 'adapter' | 'store'> = { adapter: 'memory', store: `node ${process.version}` }

/** A primary of its own, that does nothing but host the state, and the members that reach it. */
export class Primary implements Ground, AsyncDisposable {
  readonly adapter: string = onMemory.adapter
  readonly store: string = onMemory.store
  readonly direct: AdapterChoice
  readonly #process: TestProcess
  readonly #env: Readonly<Record<string, string>>

  /** Use `startPrimary`. */
  constructor(process: TestProcess, env: Readonly<Record<string, string>>) {
    this.#process = process
    this.#env = env
    this.direct = memoryWith(env)
  }

  async way(): ReturnType<Ground['way']> {
    await using stack = new AsyncDisposableStack()
    const folder = stack.use(await temporaryFolder())
    const at = { path: join(folder.path, 'link') }
    const proxy = stack.use(await startFaultProxy({ path: this.#env['LOCKSTEP_LINK'] ?? '' }, at))
    const choice = memoryWith({ ...this.#env, LOCKSTEP_LINK: at.path })
    return Object.assign(stack.move(), { proxy, choice })
  }

  async pause(): Promise<void> {
    await this.#process.stop()
  }

  resume(): void {
    this.#process.resume()
  }

  async kill(): Promise<void> {
    await this.#process.kill()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]()
  }
}

export async function startPrimary(): Promise<Primary> {
  const host = new TestProcess(new URL('fixtures/host.ts', import.meta.url))
  const { env } = await host.message<{ env: Record<string, string> }>('host')
  return new Primary(host, env)
}
