import type { RedisClient } from './options.ts'

/** What is dangerous, or slow, about a client that was passed in. Each names the option. */
export function warningsAbout(client: RedisClient): string[] {
  const outer = client.options as Record<string, unknown>
  const nested = outer['redisOptions']
  const options: Record<string, unknown> = { ...outer, ...(typeof nested === 'object' && nested) }
  const warnings: string[] = []
  const warn = (condition: boolean, text: string): void => {
    if (condition) warnings.push(`the client's ${text}`)
  }
  warn(
    options['autoResendUnfulfilledCommands'] === false && options['maxRetriesPerRequest'] !== 0,
    'autoResendUnfulfilledCommands is false: a command under way when the connection breaks is never settled (ioredis #2193); its calls end by their timeout',
  )
  warn(
    options['maxRetriesPerRequest'] === null && options['commandTimeout'] === undefined,
    'maxRetriesPerRequest is null: while the server is away its commands pile up in the client, long after their callers were told',
  )
  warn(
    options['commandTimeout'] === undefined && options['socketTimeout'] === undefined,
    'commandTimeout and socketTimeout are not set: a connection that has gone silent is noticed only when TCP gives up, after minutes',
  )
  warn(
    !client.isCluster && typeof options['reconnectOnError'] !== 'function',
    'reconnectOnError is not set: it stays with a primary that has become a replica',
  )
  warn(
    !client.isCluster && typeof options['retryStrategy'] !== 'function',
    'retryStrategy is not a function: it never comes back after a break',
  )
  warn(
    options['enableAutoPipelining'] === true,
    'enableAutoPipelining is on: each request waits for the end of a turn, up to three times as long',
  )
  return warnings
}
