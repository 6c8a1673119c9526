/** A process that uses one library to hold one lock, and sells what the lock protects. */
import { setTimeout as sleep } from 'node:timers/promises'
import { answer } from '@lockstep/testing/calls'
import type { Redis } from 'ioredis'
import { connect } from './libraries/connect.ts'
import { type Held, libraries, type LibraryName, type LockLibrary, type Resource } from './libraries/library.ts'

/** Whether it asks the library, right before it writes, if it still has the lock. */
export type Seller = 'careful' | 'blind'

/** How a sale ended. */
export type Ending = 'wrote' | 'refused' | 'did not write'

const item = 'item:42'

let library: LockLibrary
/** Where no fault stands in between. */
let direct: Redis
let held: Held
/** When `held` was granted, on the clock of `performance`. */
let since = 0
let sold = 0

const handlers = {
  /** The library reaches the server at `url`; this process itself at `directUrl`. */
  async open(name: LibraryName, url: string, directUrl: string): Promise<void> {
    library = await libraries[name](url)
    direct = await connect(directUrl)
  },
  async take(ttl: number): Promise<void> {
    held = await library.acquire(item, ttl)
    since = performance.now()
  },
  /** Milliseconds until the library, asked again whenever it fails, has got the lock. */
  async takeInTheEnd(ttl: number): Promise<number> {
    const start = performance.now()
    while (!(await succeeds(handlers.take(ttl)))) await sleep(10)
    return performance.now() - start
  },
  /** The first half of a sale. */
  async begin(ttl: number): Promise<number> {
    await handlers.take(ttl)
    sold = await resource().read()
    return sold
  },
  /** The second half. */
  async finish(seller: Seller): Promise<Ending> {
    if (seller === 'careful' && !held.stillHeld()) return 'did not write'
    return (await resource().write(sold + 1)) ? 'wrote' : 'refused'
  },
  /** The same by a seller that is busy when it is stopped, as by a garbage collection: no timer comes in between. */
  finishOnceStopped(seller: Seller): Promise<Ending> {
    let last = performance.now()
    process.send?.('busy')
    for (let now = performance.now(); now - last < 500; now = performance.now()) last = now
    return handlers.finish(seller)
  },
  async sell(ttl: number): Promise<void> {
    await handlers.begin(ttl)
    // Room for somebody else, if anybody can be here too.
    await sleep(2)
    await handlers.finish('blind')
    await held.release()
  },
  /** The number of sales in `duration` milliseconds. */
  async sellFor(duration: number, ttl: number): Promise<number> {
    const end = performance.now() + duration
    let sales = 0
    for (; performance.now() < end; sales += 1) await handlers.sell(ttl)
    return sales
  },
  /**
   * Milliseconds from the grant until the library says that the lock is lost: by itself if it ever does so, else when
   * it is asked. `null` if it has not within `limit` milliseconds of the grant.
   */
  async lostAfter(limit: number): Promise<number | null> {
    const { lost } = held
    if (!lost) return asked(limit)
    const rest = since + limit - performance.now()
    return Promise.race([lost.then(() => performance.now() - since), sleep(rest, null)])
  },
  /** How long the release took, in milliseconds, and what it threw. */
  async release(): Promise<{ ms: number; threw?: string }> {
    const start = performance.now()
    const threw = await held.release().then(() => undefined, String)
    return { ms: performance.now() - start, ...(threw === undefined ? {} : { threw }) }
  },
  /** What the library does with input that makes no lock. JSON, which brings the calls here, has no NaN. */
  async takeBad(): Promise<Record<string, 'accepted' | 'refused' | 'no answer'>> {
    const [empty, zero, nan] = await Promise.all([
      attempt('', 1000),
      attempt('no time', 0),
      attempt('not a time', Number.NaN),
    ])
    return { empty, 0: zero, NaN: nan }
  },
}

export type Holder = typeof handlers

/** Guarded by the library, where it can; else a plain key, as everybody keeps it. */
function resource(): Resource {
  return (
    held.resource ?? {
      read: async () => Number(await direct.get('sold')),
      write: async (value) => (await direct.set('sold', value)) === 'OK',
    }
  )
}

/** Milliseconds from the grant until the library last said, asked over and over, that the lock is held. */
async function asked(limit: number): Promise<number | null> {
  for (let last = 0; last < limit; last = performance.now() - since) {
    if (!held.stillHeld()) return last
    // Often enough to tell a millisecond late from in time.
    await sleep(1)
  }
  return null
}

/** At once is within half a second: the machine may be busy. */
async function attempt(name: string, ttl: number): Promise<'accepted' | 'refused' | 'no answer'> {
  const tried = succeeds(library.acquire(name, ttl)).then((taken) => (taken ? 'accepted' : 'refused'))
  return Promise.race([tried, sleep(500, 'no answer' as const)])
}

function succeeds(attempted: Promise<unknown>): Promise<boolean> {
  return attempted.then(
    () => true,
    () => false,
  )
}

answer(handlers)
