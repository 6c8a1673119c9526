import {
  UnavailableError,
  type AcquireAnswer,
  type AcquireRequest,
  type ExtendRequest,
  type LockInspection,
  type LockListener,
  type LockOwner,
  type LockStore,
} from '@lockstep/state'

/** A lock store that answers from a script: a test says what each kind of request meets. */
export class ScriptedLockStore implements LockStore {
  readonly cohort: number
  readonly asked: AcquireRequest[] = []
  readonly cancelled: LockOwner[] = []
  readonly released: LockOwner[] = []
  readonly extended: (readonly ExtendRequest[])[] = []
  listener: LockListener | undefined
  onAcquire: (request: AcquireRequest) => Promise<AcquireAnswer> = async ({ ttl }) => ({
    granted: true,
    token: 1,
    expiresIn: ttl,
  })
  onExtend: (requests: readonly ExtendRequest[]) => Promise<boolean[]> = async (requests) => requests.map(() => true)
  onRelease: () => Promise<boolean> = async () => true

  constructor(cohort = 0) {
    this.cohort = cohort
  }

  acquire(request: AcquireRequest): Promise<AcquireAnswer> {
    this.asked.push(request)
    return this.onAcquire(request)
  }

  async cancel(request: LockOwner): Promise<void> {
    this.cancelled.push(request)
  }

  extend(requests: readonly ExtendRequest[]): Promise<boolean[]> {
    this.extended.push(requests)
    return this.onExtend(requests)
  }

  release(request: LockOwner): Promise<boolean> {
    this.released.push(request)
    return this.onRelease()
  }

  async inspect(): Promise<LockInspection> {
    return { held: false, token: 0, expiresIn: 0 }
  }

  listen(listener: LockListener): void {
    this.listener = listener
  }
}

export function away(): Promise<never> {
  return Promise.reject(new UnavailableError('away'))
}

export function never(): Promise<never> {
  return new Promise(() => {})
}
