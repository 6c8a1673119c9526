import { clock, refuseLate } from './clock.ts'
import { Script } from './script.ts'
import { forgetRecords, keep, pass } from './value.ts'

/** 2^53 − 1: up to it a number of Lua is exact. */
export const greatest: number = Number.MAX_SAFE_INTEGER

/**
 * Lists of changes, each of one counter and in order. KEYS: the counters, then the records of operations in the order in which changes refer to them. ARGV[2] and on:
 * client, number of lists; then of each list its sequence, how many words follow, how many operations, and the changes. '+' stands for equal plain additions in a row, with how many, delta,
 * min, max, ttl; everything else is JSON, as the contract has it, an operation with what it asks for and how many milliseconds it is on record.
 *
 * Answers a line for each list and in it a word for each change: how many of a row were applied, the value before it, what is left of the ttl ('-': no end), and
 * why the others were refused ('b': bounds, 'r': range); for a single change '=' with 0 or 1, value and time left; or a failure.
 */
export const changeCounters: Script = new Script(
  'writes',
  clock,
  `
local record = 's:' .. ARGV[2]
local lists = tonumber(ARGV[3])
local states, lines, recalled = {}, {}, false
local i = 4
for list = 1, lists do
  local fields = redis.pcall('HMGET', KEYS[list], 'v', 'd', record)
  -- A key of somebody else in the way of one list is no reason to refuse the others.
  if fields.err then
    if not string.find(fields.err, 'WRONGTYPE', 1, true) then return fields end
    lines[list] = '!type'
  end
  states[list] = fields
  local known, sequence = fields[3], ARGV[i]
  if known then
    local last, answer = string.match(known, '^(%d+) %d+ (.*)$')
    if last == sequence then
      lines[list], recalled = answer, true
    elseif tonumber(last) > tonumber(sequence) then
      return redis.error_reply('STALE ' .. last)
    end
  end
  i = i + 3 + ARGV[i + 1]
end
-- What is sent again is the same lists: all were applied, or none.
if recalled then
  for list = 1, lists do
    lines[list] = lines[list] or '!type'
  end
  return table.concat(lines, '\\n')
end
`,
  refuseLate,
  `
local format = string.format
local operations = lists
i = 4
for list = 1, lists do repeat
  local key, sequence, stop, next = KEYS[list], ARGV[i], i + 3 + ARGV[i + 1], operations + ARGV[i + 2]
  i = i + 3
  if lines[list] then
    i, operations = stop, next
    break
  end
  local stored, ends, known = states[list][1], states[list][2] and tonumber(states[list][2]), states[list][3]
  local amount = stored and not (ends and ends <= now) and tonumber(stored)
  if not amount then amount, stored, ends = nil, nil, nil end
  local amountBefore, endBefore = amount, ends
  local words = {}

  while i < stop do
    local word = ARGV[i]
    local change, kind, answer, count, delta, min, max, ttl
    if word == '+' then
      kind, count, delta = 'add', tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
      min, max, ttl = tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), tonumber(ARGV[i + 5])
      i = i + 6
    else
      ${pass}
      change = cjson.decode(word)
      kind, count, delta, min, max, ttl = change.kind, 1, change.delta, change.min, change.max, change.ttl
      i = i + 1
      if change.operation then
        operations = operations + 1
        local given = redis.pcall('GET', KEYS[operations])
        if given and given.err then
          answer = '!type'
        elseif given then
          local asked, answered = string.match(given, '^(.-)\\n(.*)$')
          answer = asked == change.operation and answered or '!operation'
        end
      end
      local mark = not answer and change.fence and pass(key, change.fence)
      if mark then answer = '!stale,' .. mark end
    end

    if not answer then
      local start, applied, refusal = amount and stored or '0', 0, ''
      if kind == 'add' then
        while applied < count do
          local sum = (amount or 0) + delta
          if sum < -${greatest} or sum > ${greatest} then
            refusal = 'r'
            break
          end
          if min and sum < min or max and sum > max then
            refusal = 'b'
            break
          end
          if not amount then ends = ttl and now + ttl end
          amount = sum
          applied = applied + 1
        end
      elseif kind == 'set' then
        amount, ends, applied = change.value, change.ttl and now + change.ttl, 1
      elseif kind == 'delete' then
        applied = amount and 1 or 0
        amount, ends = nil, nil
      elseif (amount or 0) == change.expected then
        amount, applied = change.value, 1
      end
      if applied > 0 then stored = amount and format('%.0f', amount) end
      local left = amount and ends and format('%.0f', ends - now) or '-'
      if not change then
        answer = applied .. ',' .. start .. ',' .. left .. ',' .. refusal
      elseif refusal == 'r' then
        answer = '!range,' .. start
      else
        answer = '=,' .. applied .. ',' .. (stored or '0') .. ',' .. left
      end
      if change and change.operation then
        redis.call('SET', KEYS[operations], change.operation .. '\\n' .. answer, 'PX', change.retention)
      end
    end
    words[#words + 1] = answer
  end

  local line = words[2] and table.concat(words, ' ') or words[1]
  lines[list] = line
  local recorded = sequence .. ' ' .. time[1] .. ' ' .. line
  ${forgetRecords}
  if amount == amountBefore and ends == endBefore then
    redis.call('HSET', key, record, recorded)
  elseif amount then
    redis.call('HSET', key, 'v', stored, record, recorded)
    if ends ~= endBefore or not amountBefore then
      if ends then redis.call('HSET', key, 'd', format('%.0f', ends)) else redis.call('HDEL', key, 'd') end
    end
  else
    redis.call('HDEL', key, 'v', 'd')
    redis.call('HSET', key, record, recorded)
  end
  if not amount or ends or endBefore or not amountBefore then
    local last = amount and ends or not amount and 0 or nil
    ${keep}
  end
until true end
return lists == 1 and lines[1] or table.concat(lines, '\\n')
`,
)
