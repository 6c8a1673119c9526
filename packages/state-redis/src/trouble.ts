import { UnavailableError } from '@lockstep/state'

/** What became of a command that failed. */
export type Trouble =
  /** The server does not know the script yet. */
  | 'noScript'
  /** It arrived after its deadline: nothing was applied. */
  | 'late'
  /** A later list of the same client has been answered. */
  | 'stale'
  /** The server refused it and may take it soon: nothing was applied. */
  | 'notNow'
  /** The server refused it, and will again: nothing was applied. */
  | 'refused'
  /** It never left. */
  | 'unsent'
  /** Nobody knows. */
  | 'lost'

/** What Redis 7.0 says in place of NOPERM where a script meets it. */
const noRight = /user executing the script can't/

// https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors: the first word of an error is its kind. A script reports one that a command of it met.
const kinds: readonly (readonly [RegExp, Trouble])[] = [
  [/^NOSCRIPT\b/, 'noScript'],
  [/^LATE \d/, 'late'],
  [/^STALE \d/, 'stale'],
  [/\b(LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY|NOREPLICAS|MOVED|ASK)\b/, 'notNow'],
  [/\b(OOM|MISCONF|NOPERM|NOAUTH|WRONGPASS|WRONGTYPE|CROSSSLOT)\b/, 'refused'],
  [noRight, 'refused'],
]

export function troubleOf(error: unknown): Trouble {
  const message = messageOf(error)
  if (isReply(error)) return kinds.find(([pattern]) => pattern.test(message))?.[1] ?? 'lost'
  return /enableOfflineQueue options is false/.test(message) ? 'unsent' : 'lost'
}

/** The server has answered. */
function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

/** The server does not let us in: asking again does not help. */
export function isLockedOut(error: unknown): boolean {
  return (
    isReply(error) &&
    /\b(WRONGPASS|NOAUTH|NOPERM|invalid password|DB index|without any password configured)\b/i.test(messageOf(error))
  )
}

/** The server could not be reached, or could not be used, when the adapter connected. */
export function cannotConnect(address: string, error: unknown): UnavailableError {
  const message = messageOf(error)
  return new UnavailableError(`Redis at ${address} cannot be used: ${message}.${adviceFor(message)}`, {
    cause: tidy(error),
  })
}

/** What to do about a refusal. */
export function adviceFor(message: string): string {
  if (noRight.test(message)) return ` ${advice.NOPERM}`
  const [word] =
    /\b(OOM|MISCONF|NOPERM|NOAUTH|WRONGPASS|WRONGTYPE|LOADING|READONLY|CLUSTERDOWN|NOREPLICAS)\b/.exec(message) ?? []
  return word === undefined ? '' : ` ${advice[word as keyof typeof advice]}`
}

const advice = {
  OOM: 'Its memory is full: raise maxmemory, or remove what is not needed.',
  MISCONF: 'It cannot write its snapshots to disk and so refuses writes: look into its log.',
  NOPERM: 'The user lacks a right: the README of @lockstep/state-redis lists what is needed.',
  NOAUTH: 'It wants a password: give url, or username and password.',
  WRONGPASS: 'User or password is wrong.',
  WRONGTYPE: 'Somebody else keeps something of another type under our key: choose another prefix.',
  LOADING: 'It is still loading its data.',
  READONLY: 'It is a replica: give the address of the primary, or of the Sentinels.',
  CLUSTERDOWN: 'The Cluster lacks a primary for some slots.',
  NOREPLICAS: 'It has fewer replicas than its min-replicas-to-write asks for.',
}

/** As a cause for others to see: an error of ioredis carries the arguments of its command, the password of AUTH among them. */
export function tidy(error: unknown): Error {
  return new Error(messageOf(error))
}

/** Without a full stop at its end. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message || error.name : String(error)).replace(/\.$/, '')
}
