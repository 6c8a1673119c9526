import { clock, refuseLate } from './clock.ts'
import { lockForm, lockKept, nextToken, noLock } from './lock.ts'
import { Script } from './script.ts'

/**
 * Many locks at once, as far as nobody waits for them. KEYS: the locks. ARGV[2] and on, for each: its owner, and the ttl to acquire it or '' to release it. Answers the token of
 * a new grant; 1 or 0 for a release; and '' where somebody waits or holds, for the scripts of a single lock to deal with.
 */
export const uncontended: Script = new Script(
  'writes',
  clock,
  refuseLate,
  `
local answers = {}
for i, key in ipairs(KEYS) do
  local me, ttl = ARGV[2 * i], ARGV[2 * i + 1]
  local state = redis.pcall('GET', key) or ${noLock}
  -- Not a lock: the script of a single one tells.
  if state.err then state = '0 0 1 ' end
  local token, lasts, busy, owner = string.match(state, ${lockForm})
  local held = lasts ~= '0' and math.floor(token / 1000) + lasts > now
  answers[i] = ''
  if ttl == '' then
    if busy == '0' and (owner ~= me or lasts ~= '0' and not held) then
      answers[i] = '0'
    elseif busy == '0' and lasts == '0' then
      answers[i] = '1'
    elseif busy == '0' then
      redis.call('SET', key, token .. ' 0 0 ' .. me, 'KEEPTTL')
      answers[i] = '1'
    end
  elseif busy == '0' and not held then
    ${nextToken}
    redis.call('SET', key, token .. ' ' .. lasts .. ' 0 ' .. me, 'PX', ttl + ${lockKept})
    answers[i] = token
  end
end
return answers
`,
)
