import { clock, refuseLate } from './clock.ts'
import { Script } from './script.ts'
import { keep, pass } from './value.ts'

/**
 * KEYS[1]: the entry. ARGV[2]: a fence as JSON, if there is one. Answers value, version and what is left of the ttl (-1: no end);
 * nothing where there is no entry; or a failure.
 */
export const readEntry: Script = new Script(
  'reads',
  clock,
  `
local key = KEYS[1]
local fields = redis.call('HMGET', key, 'v', 'd', 'n', 't')
local ends = tonumber(fields[2] or nil)
local present = fields[1] and not (ends and ends <= now)
local answer = present and {fields[1], fields[3], ends and ends - now or -1} or {}
if not ARGV[2] then return answer end
`,
  refuseLate,
  pass,
  `
local mark = pass(key, cjson.decode(ARGV[2]))
if mark then return {'!stale,' .. mark} end
local last = tonumber(fields[4] or 0)
if present then last = ends and math.max(ends, last) end
`,
  keep,
  `return answer`,
)
