export const byHand = 'SET NX PX by hand'

/** A lock library, used as its manual says; one file for each, and each trial in processes of its own. */
export interface LockLibrary {
  /** Waits for about ten seconds. `ttl` is in milliseconds. */
  acquire(name: string, ttl: number): Promise<Held>
}

/** What its holder has in hand. */
export interface Held {
  /** As far as the library can say without a round trip. */
  stillHeld(): boolean
  /** Resolves when the library says by itself that the lock is lost; absent where it never says so. */
  readonly lost?: Promise<unknown>
  release(): Promise<unknown>
  /** The resource, where the library itself guards it; absent where it has nothing to guard it with. */
  readonly resource?: Resource
}

/** The number of units sold: what the lock is there to protect. */
export interface Resource {
  /** 0 at first. */
  read(): Promise<number>
  /** Whether the write was let in. */
  write(sold: number): Promise<boolean>
}

/**
 * By their packages, and the lock that needs none; each connects to the server at `url`. Loaded one by one, so that no
 * process holds a library that it does not run.
 */
export const libraries = {
  'redlock-4': async (url) => (await import('./redlock-4.ts')).open(url),
  'redlock-5': async (url) => (await import('./redlock-5.ts')).open(url),
  '@sesamecare-oss/redlock': async (url) => (await import('./sesamecare.ts')).open(url),
  'redis-semaphore': async (url) => (await import('./redis-semaphore.ts')).open(url),
  '@verrou/core': async (url) => (await import('./verrou.ts')).open(url),
  [byHand]: async (url) => (await import('./set-nx.ts')).open(url),
  '@lockstep/state-redis': async (url) => (await import('./lockstep.ts')).open(url),
} satisfies Record<string, (url: string) => Promise<LockLibrary>>

export type LibraryName = keyof typeof libraries
