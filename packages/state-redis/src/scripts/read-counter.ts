import { clock, refuseLate } from './clock.ts'
import { Script } from './script.ts'
import { keep, pass } from './value.ts'

/** KEYS[1]: the counter. ARGV[2]: a fence as JSON, if there is one. Answers the value, or a failure. */
export const readCounter: Script = new Script(
  'reads',
  clock,
  `
local key = KEYS[1]
local fields = redis.call('HMGET', key, 'v', 'd')
local ends = tonumber(fields[2] or nil)
local amount = fields[1]
if ends and ends <= now then amount, ends = false, 0 end
if not ARGV[2] then return amount or '0' end
`,
  refuseLate,
  pass,
  `
local mark = pass(key, cjson.decode(ARGV[2]))
if mark then return '!stale,' .. mark end
local last = ends or not amount and 0 or nil
`,
  keep,
  `return amount or '0'`,
)
