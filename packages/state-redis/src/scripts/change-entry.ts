import { clock, refuseLate } from './clock.ts'
import { Script } from './script.ts'
import { forgetRecords, keep, pass, recall } from './value.ts'

/**
 * A list of changes of one entry, in order. KEYS[1]: the entry; beside the fields of value.ts it has n: its last version, e: the end that no change can move, t: the
 * end of a tombstone. ARGV[2] and on: client, sequence; then each change as JSON, followed by the value if it sets one.
 *
 * Answers one word for each: '=' with 0 or 1 and the version; or a failure.
 */
export const changeEntry: Script = new Script(
  'writes',
  clock,
  `
local key, client, sequence = KEYS[1], ARGV[2], ARGV[3]
local fields = redis.call('HMGET', key, 'd', 'n', 'e', 't', 's:' .. client)
local known = fields[5]
`,
  recall,
  refuseLate,
  pass,
  `
local ends, limit = tonumber(fields[1] or nil), tonumber(fields[3] or nil)
local version, tombstone = tonumber(fields[2] or 0), tonumber(fields[4] or 0)
local present = redis.call('HEXISTS', key, 'v') == 1 and not (ends and ends <= now)
if not present then ends, limit = nil, nil end
local stored, changed

local function endAfter(ttl)
  local deadline = ttl and now + ttl
  if limit and not (deadline and deadline < limit) then return limit end
  return deadline
end

-- Gives whether the change was applied.
local function set(change, value)
  if change.ifVersion and change.ifVersion ~= (present and version or 0) then return false end
  if tombstone > now then return false end
  if not present then limit = change.maxLifetime and now + change.maxLifetime end
  version = math.max(version + 1, micros)
  present, stored, changed, ends = true, value, true, endAfter(change.ttl)
  return true
end
local function touch(change)
  if not present then return false end
  ends, changed = endAfter(change.ttl), true
  return true
end
local function delete(change)
  if change.tombstone then tombstone, changed = math.max(tombstone, now + change.tombstone), true end
  if not present then return false end
  present, stored, ends, limit, changed = false, nil, nil, nil, true
  return true
end

local answers = {}
local i = 4
while i <= #ARGV do
  local change = cjson.decode(ARGV[i])
  local mark = change.fence and pass(key, change.fence)
  local applied
  if change.kind == 'set' then
    i = i + 1
    applied = not mark and set(change, ARGV[i])
  elseif change.kind == 'touch' then
    applied = not mark and touch(change)
  else
    applied = not mark and delete(change)
  end
  answers[#answers + 1] = mark and '!stale,' .. mark or string.format('=,%d,%.0f', applied and 1 or 0, present and version or 0)
  i = i + 1
end

local answer = table.concat(answers, ' ')
if changed then
  if stored then redis.call('HSET', key, 'v', stored) end
  if not present then redis.call('HDEL', key, 'v') end
  local times = {n = version, d = present and ends or false, e = present and limit or false, t = tombstone > now and tombstone}
  for field, at in pairs(times) do
    if at then redis.call('HSET', key, field, string.format('%.0f', at)) else redis.call('HDEL', key, field) end
  end
end
`,
  forgetRecords,
  `
redis.call('HSET', key, 's:' .. client, sequence .. ' ' .. time[1] .. ' ' .. answer)
if changed or not present then
  local last = tombstone
  if present then last = ends and math.max(ends, tombstone) end
  ${keep}
end
return answer
`,
)
