import { lock } from './lock.ts'
import { Script } from './script.ts'

/** KEYS: the lock, its queue. Answers its token and what is left of its lease, both 0 if it is free, and how many wait. */
export const inspect: Script = new Script(
  'reads',
  lock,
  `
local waiting = redis.call('ZCARD', KEYS[2])
if ends <= now then return {0, 0, waiting} end
return {token, ends - now, waiting}
`,
)
