import { clock } from './clock.ts'

/** The form of a lock as it is stored: see below. */
export const lockForm: string = `'^(%d+) (%-?%d+) (%d) (.*)$'`

/** A lock that was never taken. */
export const noLock: string = `'0 0 0 '`

/**
 * What the scripts of a lock begin with. KEYS: the lock, its queue, and what is known of those who wait. ARGV[2]: the asking owner.
 *
 * The lock is a string: the token of its last grant; the end of that lease in milliseconds after the time of the token, 0 once it was released; 1 if somebody waits or
 * has an offer; its owner. It is kept for an hour after its last use, so that tokens grow even if the clock of the server is set back by as much.
 */
export const lock: string = `${clock}
local me = ARGV[2]
local token, lasts, busy, owner = string.match(redis.call('GET', KEYS[1]) or ${noLock}, ${lockForm})
local ends = math.floor(token / 1000) + lasts
if lasts == '0' then ends = 0 end
`

/** Milliseconds that a lock is kept after its last use. */
export const lockKept = 3_600_000

/** A grant reserves this many tokens, its own included. */
const tokensOfGrant = 64

/**
 * Make `token` greater than all that were given out or reserved, and not less than the clock; `lasts` then ends the lease after `ttl`. A token is ahead of a clock that
 * was set back.
 */
export const nextToken: string = `
if micros >= token + ${tokensOfGrant} then
  token, lasts = time[1] .. string.sub('00000' .. time[2], -6), ttl
else
  token = string.format('%.0f', token + ${tokensOfGrant})
  lasts = now + ttl - math.floor(token / 1000)
  if lasts == 0 then lasts = 1 end
end
`

/**
 * What the scripts go on with where somebody waits, or is to. ARGV[3]: the channel of a client, without its name. ARGV[4]: '1' if PUBLISH tells how many listen (in a
 * Cluster it counts those of one node only).
 *
 * The queue is a sorted set of owners by arrival. The hash beside it has f, w: who has an offer, and until when; n: how many have joined the queue; w:<owner>: ttl, end
 * of wait, and client of one who waits; x:<owner>: when an acquire was cancelled that had not arrived.
 */
export const queue: string = `
local key, queue, waiters = KEYS[1], KEYS[2], KEYS[3]
local held = ends > now
local standing = redis.call('HMGET', waiters, 'f', 'w')
local offered, window = standing[1], tonumber(standing[2] or 0)

local function waiterOf(member)
  local ttl, wait, client = string.match(redis.call('HGET', waiters, 'w:' .. member) or '0 0 ', '^(%d+) (%d+) (.*)$')
  return tonumber(ttl), tonumber(wait), client
end

local function leave(member)
  if redis.call('ZREM', queue, member) == 0 then return false end
  redis.call('HDEL', waiters, 'w:' .. member)
  if member == offered then offered = false end
  return true
end

-- Who lets an offer lapse is not listening: its other waiters would only cost the queue a window each.
local function leaveAll(client)
  for _, member in ipairs(redis.call('ZRANGE', queue, 0, -1)) do
    local _, _, other = waiterOf(member)
    if other == client then leave(member) end
  end
end

-- The marks of the last two minutes are enough, for a call lasts a minute at most.
local function forgetOldMarks()
  local fields = redis.call('HGETALL', waiters)
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 2) == 'x:' and tonumber(fields[i + 1]) < now - 121000 then
      redis.call('HDEL', waiters, fields[i])
    end
  end
end

-- A free lock is offered to the head of its queue, for a short window in which nobody else can have it.
local function offer()
  if offered and window <= now then
    local _, _, client = waiterOf(offered)
    leaveAll(client)
  end
  while true do
    local head = redis.call('ZRANGE', queue, 0, 0)[1]
    if not head then
      offered = false
      return redis.call('HDEL', waiters, 'f', 'w', 'n')
    end
    if head == offered then return end
    local ttl, wait, client = waiterOf(head)
    if wait <= now then
      leave(head)
    else
      offered, window = head, now + math.min(ttl, 2000)
      redis.call('HSET', waiters, 'f', offered, 'w', window)
      if redis.call('PUBLISH', ARGV[3] .. client, head) > 0 or ARGV[4] ~= '1' then return end
      leaveAll(client)
    end
  end
end

-- Write the lock, and let all three keys live for as long as somebody may need them.
local function save(milliseconds)
  busy = redis.call('EXISTS', waiters)
  local kept = math.max(milliseconds + ${lockKept}, redis.call('PTTL', key), redis.call('PTTL', waiters))
  redis.call('SET', key, token .. ' ' .. lasts .. ' ' .. busy .. ' ' .. owner, 'PX', kept)
  redis.call('PEXPIRE', queue, kept)
  redis.call('PEXPIRE', waiters, kept)
end
`
