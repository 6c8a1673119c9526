/**
 * What the scripts of counters and entries share. Each is a hash that outlives its value. v: the value. d: its end, absent if it has none. f:<lock>: the greatest
 * fencing token seen of that lock. s:<client>: the client's last list of changes, as sequence, second and answer (docs/protocols.md, Sequence records).
 *
 * The hash is kept for two minutes after the value, as long as a repeat may come; for a day if it holds fencing tokens (k: for how long).
 */
const recordsKept = 121_000
const fencesKept = 86_400_000

/** A sequence number is answered once: a repeat gets the answer on record, an older number is refused. `known` is the record, or false. */
export const recall: string = `
if known then
  local last, answer = string.match(known, '^(%d+) %d+ (.*)$')
  if last == sequence then return answer end
  if tonumber(last) > tonumber(sequence) then return redis.error_reply('STALE ' .. last) end
end
`

/** A client that is new to a hash clears away the records of those that are gone. */
export const forgetRecords: string = `
if not known and redis.call('HLEN', key) > 16 then
  local fields = redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    local at = string.sub(fields[i], 1, 2) == 's:' and string.match(fields[i + 1], '^%d+ (%d+)')
    if at and at * 1000 < now - ${recordsKept} then redis.call('HDEL', key, fields[i]) end
  end
end
`

/** Raise the mark of a fence; gives the mark in the way if the token is older. */
export const pass: string = `
local function pass(key, fence)
  local mark = redis.call('HGET', key, 'f:' .. fence.name)
  if mark and tonumber(mark) > fence.token then return mark end
  redis.call('HSET', key, 'f:' .. fence.name, string.format('%.0f', fence.token), 'k', '${fencesKept}')
end
`

/** Let the hash live for some time after its value, which ends at `last`: nil if never, 0 if there is none. */
export const keep: string = `
if not last then
  redis.call('PERSIST', key)
else
  redis.call('PEXPIREAT', key, math.max(last, now) + (tonumber(redis.call('HGET', key, 'k') or nil) or ${recordsKept}))
end
`
