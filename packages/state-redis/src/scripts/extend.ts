import { clock, refuseLate } from './clock.ts'
import { lockForm, lockKept, noLock } from './lock.ts'
import { Script } from './script.ts'

/** Let leases last longer, never shorter. KEYS: the locks. ARGV[2] and on: owner and ttl for each. Answers 1 or 0 for each. */
export const extend: Script = new Script(
  'writes',
  clock,
  refuseLate,
  `
local answers = {}
for i, key in ipairs(KEYS) do
  local me, ttl = ARGV[2 * i], tonumber(ARGV[2 * i + 1])
  local token, lasts, busy, owner = string.match(redis.call('GET', key) or ${noLock}, ${lockForm})
  local began = math.floor(token / 1000)
  answers[i] = 0
  if owner == me and lasts ~= '0' and began + lasts > now then
    answers[i] = 1
    if now + ttl > began + lasts then
      local kept = math.max(ttl + ${lockKept}, busy == '1' and redis.call('PTTL', key) or 0)
      redis.call('SET', key, token .. ' ' .. now + ttl - began .. ' ' .. busy .. ' ' .. me, 'PX', kept)
    end
  end
end
return answers
`,
)
