import { greatest } from './change-counters.ts'
import { clock, refuseLate } from './clock.ts'
import { Script } from './script.ts'
import { forgetRecords, keep, pass, recall } from './value.ts'

/**
 * Additions to several counters, all or nothing. KEYS: the counters, and then for each the record of the operation if it has an id. ARGV[2] and on: client,
 * sequence, how many counters, what the operation asks for (empty: no id), how many milliseconds it is on record, the fence as JSON (empty: none); then delta,
 * min, max of each. Answers '=', 0 or 1, and the values; or a failure.
 */
export const addAll: Script = new Script(
  'writes',
  clock,
  `
local client, sequence, count, operation = ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5]
local records, amounts, ends = {}, {}, {}
for i = 1, count do
  local fields = redis.call('HMGET', KEYS[i], 'v', 'd', 's:' .. client)
  local known, ended = fields[3], tonumber(fields[2] or nil)
  ${recall}
  records[i] = known
  if fields[1] and not (ended and ended <= now) then amounts[i], ends[i] = tonumber(fields[1]), ended end
end
`,
  refuseLate,
  pass,
  `
local function judge()
  if ARGV[7] ~= '' then
    local fence = cjson.decode(ARGV[7])
    for i = 1, count do
      local mark = redis.call('HGET', KEYS[i], 'f:' .. fence.name)
      if mark and tonumber(mark) > fence.token then return '!stale,' .. mark .. ',' .. i end
    end
    for i = 1, count do
      pass(KEYS[i], fence)
    end
  end
  local sums, fit = {}, true
  for i = 1, count do
    local at = 5 + 3 * i
    local sum, min, max = (amounts[i] or 0) + tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
    if sum < -${greatest} or sum > ${greatest} then return string.format('!range,%.0f,%d', amounts[i] or 0, i) end
    if min and sum < min or max and sum > max then fit = false end
    sums[i] = sum
  end
  local words = {fit and '=,1' or '=,0'}
  for i = 1, count do
    if fit then
      redis.call('HSET', KEYS[i], 'v', string.format('%.0f', sums[i]))
      if not amounts[i] then redis.call('HDEL', KEYS[i], 'd') end
      amounts[i] = sums[i]
    end
    words[i + 1] = string.format('%.0f', amounts[i] or 0)
  end
  return table.concat(words, ',')
end

local answer
if operation ~= '' then
  for i = 1, count do
    local asked, given = string.match(redis.call('GET', KEYS[count + i]) or '', '^(.-)\\n(.*)$')
    if asked then
      answer = asked == operation and given or '!operation'
      break
    end
  end
end
if not answer then
  answer = judge()
  if operation ~= '' and string.sub(answer, 1, 6) ~= '!stale' then
    for i = 1, count do
      redis.call('SET', KEYS[count + i], operation .. '\\n' .. answer, 'PX', ARGV[6])
    end
  end
end
for i = 1, count do
  local key, known, last = KEYS[i], records[i], 0
  if amounts[i] then last = ends[i] end
  ${forgetRecords}
  redis.call('HSET', key, 's:' .. client, sequence .. ' ' .. time[1] .. ' ' .. answer)
  ${keep}
end
return answer
`,
)
