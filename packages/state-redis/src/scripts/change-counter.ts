import { clock, refuseLate } from './clock.ts'
import { Script } from './script.ts'
import { forgetRecords, keep, pass, recall } from './value.ts'

/** 2^53 − 1: up to it a number of Lua is exact. */
export const greatest = Number.MAX_SAFE_INTEGER

/**
 * A list of changes of one counter, in order. KEYS[1]: the counter. The other keys: records of operations, in the order in which the changes refer to them. ARGV[2] and on:
 * client, sequence; then the changes. '+' stands for equal plain additions in a row, with how many, delta, min, max, ttl; everything else is JSON, as the contract
 * has it, an operation with what it asks for and how many milliseconds it is on record.
 *
 * Answers one word for each: how many of a row were applied, the value before it, what is left of the ttl ('-': no end), and why the others were refused
 * ('b': bounds, 'r': range); for a single change '=' with 0 or 1, value and time left; or a failure.
 */
export const changeCounter: Script = new Script(
  'writes',
  clock,
  `
local key, client, sequence = KEYS[1], ARGV[2], ARGV[3]
local fields = redis.call('HMGET', key, 'v', 'd', 's:' .. client)
local known = fields[3]
`,
  recall,
  refuseLate,
  `
local format = string.format
local stored, ends = fields[1], fields[2] and tonumber(fields[2])
local amount = stored and not (ends and ends <= now) and tonumber(stored)
if not amount then stored, ends = nil, nil end
local amountBefore, endBefore = amount, ends

local answers = {}
local operations = 1
local i = 4
while i <= #ARGV do
  local word = ARGV[i]
  local change, kind, answer, count, delta, min, max, ttl
  if word == '+' then
    kind, count, delta = 'add', tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
    min, max, ttl = tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), tonumber(ARGV[i + 5])
    i = i + 6
  else
    change = cjson.decode(word)
    kind, count, delta, min, max, ttl = change.kind, 1, change.delta, change.min, change.max, change.ttl
    i = i + 1
    ${pass}
    if change.operation then
      operations = operations + 1
      local asked, given = string.match(redis.call('GET', KEYS[operations]) or '', '^(.-)\\n(.*)$')
      if asked then answer = asked == change.operation and given or '!operation' end
    end
    local mark = not answer and change.fence and pass(key, change.fence)
    if mark then answer = '!stale,' .. mark end
  end

  if not answer then
    local start, applied, refusal = amount and (stored or format('%.0f', amount)) or '0', 0, ''
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
  answers[#answers + 1] = answer
end

local answer = answers[2] and table.concat(answers, ' ') or answers[1]
`,
  forgetRecords,
  `
local record = sequence .. ' ' .. time[1] .. ' ' .. answer
if amount == amountBefore and ends == endBefore then
  redis.call('HSET', key, 's:' .. client, record)
elseif amount then
  redis.call('HSET', key, 'v', stored, 's:' .. client, record)
  if ends ~= endBefore or not amountBefore then
    if ends then redis.call('HSET', key, 'd', format('%.0f', ends)) else redis.call('HDEL', key, 'd') end
  end
else
  redis.call('HDEL', key, 'v', 'd')
  redis.call('HSET', key, 's:' .. client, record)
end
if not amount or ends or endBefore or not amountBefore then
  local last = amount and ends or not amount and 0 or nil
  ${keep}
end
return answer
`,
)
