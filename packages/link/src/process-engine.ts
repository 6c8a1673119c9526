import { Engine } from '@lockstep/engine'
import { InvalidArgumentError } from '@lockstep/state'
import type { EngineSource } from './log.ts'
import { EngineRunner, timeNow } from './runner.ts'

/** Who uses the engine of this process: a client of its own, or a host that opens it to other processes. */
export interface EngineUser {
  /** A waiter may take its lock now. Said to every user, in the middle of a command; the client may be another's. */
  offered(client: string, owner: string): void
  /** It speaks for other processes. */
  readonly hosts: boolean
}

/** What a user wants of the engine; what it leaves out is as the first user had it. */
export interface EngineChoice {
  /** Where the engine comes from and is kept. Default: it begins empty and ends with this process. */
  readonly source?: EngineSource | undefined
  /** How long an `operationId` is answered from its record, in milliseconds. Default: a day. */
  readonly operationRetention?: number | undefined
}

/** The engine that all of a process share: two would be two truths. It ends with the last of its users. */
class ProcessEngine {
  readonly runner: EngineRunner
  readonly choice: EngineChoice
  readonly #users: Set<EngineUser>

  static async open({ source, operationRetention }: EngineChoice): Promise<ProcessEngine> {
    const users = new Set<EngineUser>()
    const onOffer = (client: string, owner: string): void => {
      for (const user of users) user.offered(client, owner)
    }
    const options = { onOffer, ...(operationRetention !== undefined && { operationRetention }) }
    const choice = { source, operationRetention }
    if (source === undefined) {
      return new ProcessEngine(new EngineRunner(new Engine({ ...options, started: timeNow() })), choice, users)
    }
    const { engine, log } = await source.open(options)
    return new ProcessEngine(new EngineRunner(engine, log), choice, users)
  }

  private constructor(runner: EngineRunner, choice: EngineChoice, users: Set<EngineUser>) {
    this.runner = runner
    this.choice = choice
    this.#users = users
  }

  get hosted(): boolean {
    return [...this.#users].some((user) => user.hosts)
  }

  get unused(): boolean {
    return this.#users.size === 0
  }

  add(user: EngineUser): void {
    this.#users.add(user)
    this.runner.arm()
  }

  remove(user: EngineUser): boolean {
    return this.#users.delete(user)
  }
}

interface Shared {
  engine?: ProcessEngine | undefined
  /** One is being opened or closed. */
  busy?: Promise<unknown> | undefined
}

const key = Symbol.for('lockstep.ProcessEngine')

/** Kept where every copy of this package in the process finds it, from the first use on. */
function sharedHere(): Shared {
  return ((globalThis as typeof globalThis & { [key]?: Shared })[key] ??= {})
}

/**
 * One more user of the engine of this process. Rejects with an `InvalidArgumentError` when the engine is open already with
 * another choice, or as its source does.
 */
export async function useEngine<User extends EngineUser>(
  choice: EngineChoice,
  create: (runner: EngineRunner) => User,
): Promise<User> {
  const shared = sharedHere()
  // Others may have come and gone while this one waited.
  while (shared.engine === undefined || shared.busy !== undefined) await (shared.busy ?? occupy(open(choice)))
  checkChoice(choice, shared.engine.choice)
  const user = create(shared.engine.runner)
  shared.engine.add(user)
  return user
}

/** The user is done with it. Idempotent. */
export async function leaveEngine(user: EngineUser): Promise<void> {
  const shared = sharedHere()
  const { engine } = shared
  if (engine === undefined || !engine.remove(user) || !engine.unused) return
  shared.engine = undefined
  await occupy(engine.runner.stop())
}

/** Whether a host of this process opens its engine to others, so that the way to the state is a direct call. */
export function isHosting(): boolean {
  return sharedHere().engine?.hosted === true
}

async function open(choice: EngineChoice): Promise<void> {
  const engine = await ProcessEngine.open(choice)
  sharedHere().engine = engine
}

/** Whoever comes until the work has settled waits for it. */
async function occupy(work: Promise<unknown>): Promise<void> {
  const shared = sharedHere()
  shared.busy = work.catch(() => {})
  try {
    await work
  } finally {
    shared.busy = undefined
  }
}

function checkChoice(wanted: EngineChoice, present: EngineChoice): void {
  if (wanted.source !== undefined && wanted.source.id !== present.source?.id) {
    const is = present.source === undefined ? 'without a journal' : `with the journal ${present.source.id}`
    throw new InvalidArgumentError(
      `The state of this process is open ${is}, so it cannot be opened with the journal ${wanted.source.id}: ` +
        'a process has one state; give the journal to whoever opens it first',
    )
  }
  if (wanted.operationRetention !== undefined && wanted.operationRetention !== present.operationRetention) {
    throw new InvalidArgumentError(
      `The state of this process is open with operationRetention ${present.operationRetention ?? 'left out'}, ` +
        `so it cannot be opened with ${wanted.operationRetention}: give it to whoever opens the state first`,
    )
  }
}
