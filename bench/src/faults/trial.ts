import { setTimeout as sleep } from 'node:timers/promises'
import { TestProcess } from '@lockstep/testing/processes'
import { startFaultProxy } from '@lockstep/testing/proxy'
import { type OwnRedisServer, startOwnRedis } from '@lockstep/testing/servers/redis'
import type { Holder } from './holder.ts'
import type { LibraryName } from './libraries/library.ts'
import type { HolderProcess, Outcome, Scenario } from './scenarios/scenario.ts'

/** Milliseconds after which a trial is given up, more than any scenario lasts. */
const patience = 40_000

/** One library in one scenario, ready to run. */
export interface Trial extends AsyncDisposable {
  readonly library: LibraryName
  run(): Promise<Outcome>
}

/** Its server, its proxy and its processes are its own. */
export async function prepare(library: LibraryName, scenario: Scenario, quick: boolean): Promise<Trial> {
  await using stack = new AsyncDisposableStack()
  const holders = Array.from({ length: scenario.processes }, () =>
    stack.use(new TestProcess<Holder>(new URL('holder.ts', import.meta.url), { sources: false })),
  )
  const server = stack.use(await ownServer())
  const proxy = stack.use(await startFaultProxy(server))
  const url = `redis://${proxy.host}:${proxy.port}`
  const opened = Promise.all(holders.map((holder) => holder.ask('open', library, url, server.url)))
  await Promise.allSettled([opened])
  const parts = stack.move()
  return {
    library,
    run: () =>
      Promise.race([
        opened.then(() => scenario.run({ server, proxy, quick }, ...holders)).catch(broken),
        ...holders.map(crash),
        sleep(patience, { pass: false, fact: 'never ended' }, { ref: false }),
      ]),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** One that can be killed, so it is always started here. Rejects, with how to get one, if there is none. */
export async function ownServer(): Promise<OwnRedisServer> {
  const server = await startOwnRedis()
  if ('unavailable' in server) throw new Error(server.unavailable)
  return server
}

function broken(error: unknown): Outcome {
  return { pass: false, fact: 'threw', detail: String(error) }
}

/** No library has a reason to end the process. */
async function crash(holder: HolderProcess): Promise<Outcome> {
  await holder.exited
  return { pass: false, fact: 'crashed', detail: holder.output }
}
