// What an app says to @lockstep/state.
import * as lockstep from '@lockstep/state'
import type {
  AcquiredMessage,
  AcquireOptions,
  AdapterChoice,
  AdapterChoices,
  AdapterHealth,
  AddOptions,
  CallOptions,
  Capabilities,
  CloseOptions,
  ClusterState,
  ClusterStateOptions,
  CounterAddition,
  CounterCapabilities,
  DeleteEntryOptions,
  EntryCapabilities,
  ErrorCode,
  Failure,
  FencedOptions,
  Health,
  HealthStatus,
  Lease,
  LockCapabilities,
  LostMessage,
  QueueCapabilities,
  RefusedMessage,
  ReleasedMessage,
  SafeRetry,
  SetCounterOptions,
  SetEntryOptions,
  TakeOptions,
  TimeoutMessage,
  TryAcquireOptions,
  TypedEntries,
  TypedEntryValue,
  Wake,
} from '@lockstep/state'

interface Cart {
  readonly items: readonly string[]
}

export async function everyCall(state: ClusterState, signal: AbortSignal): Promise<unknown> {
  const call: CallOptions = { signal, timeout: lockstep.defaultTimeout }
  const trying: TryAcquireOptions = { ...call, ttl: 10_000, autoExtend: false }
  const waiting: AcquireOptions = { ...trying, wait: 1_000 }
  await using lease: Lease = await state.locks.acquire('a', waiting)
  const other: Lease | null = await state.locks.tryAcquire('b', trying)
  await other?.extend(5_000)
  lease.assertHeld()
  const facts: [string, number, boolean, number, AbortSignal] = [
    lease.name,
    lease.token,
    lease.held,
    lease.remaining,
    lease.signal,
  ]
  const released: boolean | undefined = await other?.release()
  const used: number = await state.locks.using('a', async ({ token }) => token)
  const usedWith: string = await state.locks.using('a', { wait: 0 }, () => 'done')
  const tried: string | null = await state.locks.tryUsing('a', trying, () => 'done')
  const led: string | undefined = await state.locks.lead('a', { signal }, async () => 'led')
  const { held, token, expiresIn, waiters = 0 } = await state.locks.inspect('a', call)

  const fenced: FencedOptions = { ...call, fence: lease }
  const taking: TakeOptions = { ...fenced, operationId: 'order 7' }
  const adding: AddOptions = { ...taking, min: 0, max: 10, ttl: 60_000 }
  const setting: SetCounterOptions = { ...fenced, ttl: undefined }
  const additions: readonly CounterAddition[] = [{ name: 'x', delta: 1, min: 0, max: undefined }]
  const { counters } = state
  const left: number | null = await counters.take('x', 2, taking)
  const { applied, value } = await counters.add('x', -1, adding)
  const { values } = await counters.addAll(additions, taking)
  await counters.set('x', 1, setting)
  const counted: boolean[] = [await counters.compareAndSet('x', 1, 2, fenced), await counters.delete('x', fenced)]
  const read: number = await counters.get('x', fenced)

  const storing: SetEntryOptions = { ...fenced, ttl: 1_000, maxLifetime: 5_000, ifVersion: 0 }
  const deleting: DeleteEntryOptions = { ...fenced, tombstone: 1_000 }
  const { version } = await state.entries.set('e', 'text', storing)
  const text: string | undefined = (await state.entries.get('e', fenced))?.value
  const touched: boolean[] = [await state.entries.touch('e', 1_000, fenced), await state.entries.delete('e', deleting)]
  const carts: TypedEntries<Cart> = state.entries.open<Cart>('cart:', { ttl: 1_000 })
  await carts.set('1', { items: ['mug'] }, { ifVersion: version })
  const cart: TypedEntryValue<Cart> | null = await carts.get('1')

  const closing: CloseOptions = { timeout: undefined }
  await state.close(closing)
  return [
    facts,
    released,
    used,
    usedWith,
    tried,
    led,
    held,
    token,
    expiresIn,
    waiters,
    left,
    applied,
    value,
    values,
    counted,
    read,
    text,
    touched,
    cart?.value.items,
  ]
}

export async function whatItIs(state: ClusterState): Promise<unknown> {
  const { locks, counters, entries, queues, transactions }: Capabilities = state.capabilities
  const primitives: [
    false | LockCapabilities,
    false | CounterCapabilities,
    false | EntryCapabilities,
    false | QueueCapabilities,
  ] = [locks, counters, entries, queues]
  const wake: Wake | false = locks && locks.wake
  const retry: SafeRetry | false = counters && counters.safeRetry
  const { status, adapters }: Health = await state.health()
  const worst: HealthStatus = lockstep.overall([{ adapters }]).status
  const described = adapters.map(
    ({ name, durability, latency }: AdapterHealth) => `${name} ${durability} ${latency ?? ''}`,
  )
  const classes = [state.locks instanceof lockstep.Locks, state.counters instanceof lockstep.Counters]
  return [primitives, transactions, wake, retry, status, worst, described, classes]
}

export function observed(): void {
  const { lockAcquired, lockTimeout, leaseLost, leaseReleased, staleWrite, outcomeUnknown } = lockstep.channels
  lockAcquired.publish({ name: 'a', token: 1, waited: 0 } satisfies AcquiredMessage)
  lockTimeout.publish({ name: 'a', error: new Error('late') } satisfies TimeoutMessage)
  leaseLost.publish({ name: 'a', token: 1, cause: new Error('gone') } satisfies LostMessage)
  leaseReleased.publish({ name: 'a', token: 1, held: 1 } satisfies ReleasedMessage)
  for (const channel of [staleWrite, outcomeUnknown]) {
    if (channel.hasSubscribers) channel.publish({ name: 'a', error: new Error('no') } satisfies RefusedMessage)
  }
}

/** Errors are told apart by class or by code. */
export function told(error: unknown): ErrorCode | undefined {
  const classes = [
    lockstep.InvalidArgumentError,
    lockstep.OutOfRangeError,
    lockstep.LockTimeoutError,
    lockstep.LeaseLostError,
    lockstep.StaleTokenError,
    lockstep.OutcomeUnknownError,
    lockstep.UnavailableError,
    lockstep.CapacityError,
    lockstep.UnsupportedError,
    lockstep.AdapterNotInstalledError,
    lockstep.PermanentError,
    lockstep.ClosedError,
  ]
  if (classes.some((type) => error instanceof type) && error instanceof lockstep.StateError) return error.code
  if (!lockstep.isStateError(error)) return undefined
  const failure: Failure = { code: error.code, message: error.message }
  const again: lockstep.StateError = lockstep.errorFrom(failure, { cause: error })
  return lockstep.isFailure(failure) && again.statusCode > 0 ? again.code : undefined
}

export const choice: AdapterChoice = 'memory'
export const choices: AdapterChoices = { default: choice, counters: 'redis' }
export const options: ClusterStateOptions = { adapter: choices, from: import.meta.url }
export const opened: Promise<ClusterState> = lockstep.createClusterState(options)
export const slot: string = lockstep.placement('stock:{42}')
