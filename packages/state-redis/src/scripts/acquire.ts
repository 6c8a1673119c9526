import { refuseLate } from './clock.ts'
import { lock, lockKept, nextToken, queue } from './lock.ts'
import { Script } from './script.ts'

/**
 * Grant the lock, or join its queue. ARGV[5]: ttl. ARGV[6]: wait. ARGV[7]: the asking client. Answers the token of a new grant; or 1, token and what is left of a
 * grant that stands; or 0, what is left of the lease or the offer in the way, and the place in the queue.
 */
export const acquire: Script = new Script(
  'writes',
  lock,
  `if ends > now and owner == me then return {1, token, ends - now} end`,
  refuseLate,
  `
local ttl, wait = ARGV[5], tonumber(ARGV[6])
if busy == '0' then
  if ends <= now then
    ${nextToken}
    redis.call('SET', KEYS[1], token .. ' ' .. lasts .. ' 0 ' .. me, 'PX', ttl + ${lockKept})
    return token
  end
  if wait == 0 then return {0, ends - now, 0} end
end
`,
  queue,
  `
if redis.call('HEXISTS', waiters, 'x:' .. me) == 1 then return {0, 0, 0} end
if not held then
  offer()
  if not offered or offered == me then
    if offered then
      leave(me)
      redis.call('HDEL', waiters, 'f', 'w')
      if redis.call('ZCARD', queue) == 0 then redis.call('HDEL', waiters, 'n') end
    end
    forgetOldMarks()
    ${nextToken}
    owner = me
    save(ttl)
    return token
  end
end
local left = (held and ends or window) - now
if wait == 0 then
  leave(me)
  save(0)
  return {0, left, 0}
end
redis.call('HSET', waiters, 'w:' .. me, ttl .. ' ' .. now + wait .. ' ' .. ARGV[7])
if not redis.call('ZSCORE', queue, me) then redis.call('ZADD', queue, redis.call('HINCRBY', waiters, 'n', 1), me) end
save(math.max(wait, left))
return {0, left, redis.call('ZRANK', queue, me) + 1}
`,
)
