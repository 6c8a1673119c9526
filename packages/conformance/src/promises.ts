/**
 * The promises of the contract that the suite tests, one line each: a stable id and what is promised. Each is one test.
 * An adapter that cannot keep one names it in `without`.
 */
export const promises = {
  'names/kept-apart': 'names that differ in case, accents, spaces or punctuation only are different names',
  'names/words-of-the-language': '__proto__ and its kin are names like any other',
  'names/compound': 'the name of a resource never runs into that of a lock, or into an operation id',
  'names/primitives-apart': 'a lock, a counter and an entry of one name are three things',
  'names/longest': '191 bytes of UTF-8 are a name, 192 are not',
  'names/refused': 'what is empty, no string, ill-formed or has control characters is not a name',

  'arguments/durations': 'a lifetime or wait that is no whole number of milliseconds in range is refused',
  'arguments/amounts': 'an amount that is no whole number in range is refused',
  'arguments/payloads': 'a payload that the store could not give back is refused',
  'arguments/timeout': 'every call refuses a timeout that is not 1 to 60,000 ms',
  'arguments/explained': 'a refusal names the argument, the rule and the first 40 characters of the value, escaped',

  'calls/aborted': 'every call whose signal has aborted rejects with its reason and changes nothing',
  'calls/aborted-under-way': 'a call whose signal aborts rejects with its reason at once',
  'calls/settled-in-time': 'a call settles by its timeout',
  'calls/own-function': 'timeout does not bound the function of using',

  'locks/exclusion': 'no two callers of any client are inside one lock at once',
  'locks/token-grows': 'each token is greater than all before it, whichever client asks',
  'locks/token-wall-clock': 'a token is at least the wall clock in microseconds, and below 2^53',
  'locks/taken': 'tryAcquire answers null while the lock is taken',
  'locks/wait-ends': 'acquire rejects with LockTimeoutError when its wait is over, not before',
  'locks/release': 'a released lock can be taken at once, by anybody',
  'locks/dispose': 'a lease releases its lock when it is disposed of',
  'locks/inspect': 'inspect shows every client the present lease, and a free lock as free',
  'locks/independent': 'holding one lock does not hold up another',

  'waiting/handed-on': 'a waiter has the lock soon after its release',
  'waiting/order': 'waiters get the lock in the order that capabilities.locks.fair promises',
  'waiting/abort': 'a waiter that is aborted rejects with the reason and does not hold up the others',
  'waiting/abort-ahead': 'when a waiter is aborted those behind it keep their places and are served soon',
  'waiting/silent-ahead':
    'a waiter that does not answer its offer costs the next one no more than the two seconds that an offer stands',
  'waiting/timeout': 'a waiter that gave up does not hold up the others',
  'waiting/unwanted-grant': 'a grant whose caller has aborted meanwhile is given back',
  'waiting/barging': 'tryAcquire does not overtake a waiter',

  'leases/expiry': 'a lease that is not extended ends for its holder before the store lets the next one in',
  'leases/after-another':
    'a lease that a waiter got from another lasts as long as it asked for, not as long as the other',
  'leases/signal': 'the signal aborts with LeaseLostError when the lease ends before its release',
  'leases/resumed-holder': 'a holder that was stopped for longer than its lease knows at once when it is resumed',
  'leases/auto-extension': 'a lease is extended for as long as it is held',
  'leases/extend': 'extend lengthens a lease and never shortens it',
  'leases/release-lost': 'releasing a lost lease answers false and leaves the lock with its new holder',
  'leases/extend-lost': 'extending a lost lease rejects with LeaseLostError and leaves the lock with its new holder',
  'leases/release-twice': 'a second release does nothing to the next holder',

  'using/result': 'using resolves with the result of the function and releases the lock',
  'using/error': "using rejects with the function's own error and releases the lock",
  'using/lost': 'using rejects with LeaseLostError when the lease was lost, even though the function returned',
  'using/error-when-lost': "the function's own error goes before LeaseLostError",
  'using/try-taken': 'tryUsing answers null and does not run the function while the lock is taken',

  'lead/one': 'lead runs in one client at a time, and the next takes over',
  'lead/result': 'the result or error of the leading function settles the call and releases the lock',
  'lead/abort': 'lead resolves with nothing when its signal aborts, waiting or leading, or had aborted before',
  'lead/lost': 'a leader that lost its lease campaigns again with a greater token',

  'fencing/counters': 'a stale token is refused by every change of a counter, which stays as it is',
  'fencing/entries': 'a stale token is refused by every change of an entry, which stays as it is',
  'fencing/reads': 'a read under a newer lease shuts the older one out, for reads and writes',
  'fencing/outlives-resource': 'the mark outlives the deletion and the expiry of its resource',
  'fencing/equal': 'the newest token may be used again and again',
  'fencing/unfenced': 'a change without fence is not checked',
  'fencing/per-lock': 'tokens of different locks are not compared',
  'fencing/per-resource': 'a newer token on one resource does not shut anybody out of another',
  'fencing/all-or-nothing': 'addAll under a stale token for one of its names changes none',

  'counters/absent': 'a counter that is not there counts as 0',
  'counters/add': 'add answers with the value it made, and every client sees it',
  'counters/take': 'take answers what is left, or null and takes nothing',
  'counters/bounds': 'a change that would cross a bound is refused whole and leaves no trace',
  'counters/never-oversold': 'many takers on many clients get exactly what is there',
  'counters/folding': 'a thousand callers at once get the answers of one after another',
  'counters/folding-each-its-own': 'changes made at once keep their own bounds and each its own answer',
  'counters/ttl': 'the lifetime starts when the counter comes into being, and later changes do not move it',
  'counters/set': 'set replaces value and lifetime',
  'counters/compare-and-set': 'of many that expect the same value one wins',
  'counters/delete': 'delete answers whether there was one',
  'counters/out-of-range': 'what would leave ±(2^53−1) is refused, the value and its neighbours unharmed',
  'counters/range-before-bounds': 'a change that would leave ±(2^53−1) and cross a bound as well is out of range',
  'counters/linearizable': 'a client sees what another has been told',

  'addAll/applied': 'addAll changes all and answers in the order of the request',
  'addAll/refused': 'one bound that says no stops all changes',
  'addAll/sum': 'transfers at once from many clients neither make nor lose anything',
  'addAll/placement': 'names of several placements are taken or refused as capabilities.counters.addAll says',
  'addAll/name-twice': 'a name given twice is refused',

  'operations/repeat': 'a repeated operation is answered, not applied, whichever client repeats it',
  'operations/at-once': 'an operation sent many times at once is applied once',
  'operations/refusal': 'a refusal is an answer too: the repeat is refused even if it could be applied now',
  'operations/other-change': 'an operation id repeated with another delta, bound or name set is invalid',
  'operations/same-change': 'fence, ttl and timeout may differ in a repeat',
  'operations/other-name': 'the same id for a call that shares no name is another operation',
  'operations/stale-token': 'a refusal by a stale token is not recorded',
  'operations/addAll': 'addAll records its id under all its names',

  'entries/absent': 'an entry that is not there is null',
  'entries/set': 'set answers a version, and every client reads value and version',
  'entries/version': 'versions grow with every set, from at least the wall clock in microseconds',
  'entries/version-after-delete': 'a version never comes back after a deletion',
  'entries/if-version': 'set with ifVersion is applied to that version only, 0 meaning absent',
  'entries/one-winner': 'of many that saw the same version one wins',
  'entries/expiry': 'an expired entry is never returned and counts as absent',
  'entries/set-ttl': 'set replaces the lifetime: without ttl there is no end',
  'entries/touch': 'touch moves the end and keeps value and version',
  'entries/max-lifetime': 'the end fixed by maxLifetime is moved by nothing',
  'entries/delete': 'delete answers whether there was one',
  'entries/tombstone': 'a tombstone refuses set until it ends',
  'entries/text': 'any well-formed text comes back as it was',
  'entries/large': 'a value of a million bytes comes back as it was',
  'entries/open': 'open gives the same calls for JSON under a prefix',

  'lifecycle/capabilities': 'capabilities say what there is, and what is not there rejects with UnsupportedError',
  'lifecycle/health': 'health answers within a second with status, latency and what an acknowledged write survives',
  'lifecycle/close-refuses': 'after close every call rejects with ClosedError',
  'lifecycle/close-waiters': 'close rejects waiting acquires with ClosedError',
  'lifecycle/close-waits': 'close waits for what runs, with counters still working, up to its timeout',
  'lifecycle/close-releases': 'close releases the leases that are held',
  'lifecycle/close-flushes': 'changes made just before close are applied and answered',
  'lifecycle/close-leads': 'close aborts the signals of lead',
  'lifecycle/close-twice': 'close may be called twice, and leaves other clients alone',

  'requests/same-grant': 'asking again with the same owner gives the same grant, so that a lost reply locks nobody out',
  'requests/same-place': 'asking again with the same owner keeps the place in the queue of the store, if it has one',
  'requests/forged-owner': 'an owner who does not hold the lock can neither extend nor free it',
  'requests/expired':
    'a lease that has expired can be neither extended nor released, though nobody else has taken the lock',
  'requests/at-once': 'requests for several locks made at once are judged each by itself',
  'requests/reserved': 'tokens that a grant reserves are given to nobody else',
  'requests/cancel': 'cancel frees a grant that nobody will use, and withdraws a waiter',
  'requests/repeated-list': 'where safeRetry is always, a repeated list of changes is answered and not applied again',
  'requests/too-late': 'where safeRetry is always, a change that arrives after its deadline is not applied',
  'requests/refusals-in-place': 'a refused change of a list is refused in its place, the others stand',

  'properties/model': 'random calls get the answers of the naive model',
  'properties/histories': 'after random changes at once the counter is the sum of what was answered as applied',
} as const

export type PromiseId = keyof typeof promises

/** The part of an id before the `/`. */
export type PromiseGroup = PromiseId extends infer Id extends string
  ? Id extends `${infer Group}/${string}`
    ? Group
    : never
  : never
