import { lock, queue } from './lock.ts'
import { Script } from './script.ts'

/**
 * Withdraw the place in the queue, or free the grant that nobody will use. What is not there may still be on its way, on a connection that broke: it is marked,
 * and refused when it arrives.
 */
export const cancel: Script = new Script(
  'writes',
  lock,
  queue,
  `
if held and owner == me then
  lasts, ends, held = '0', 0, false
elseif not leave(me) then
  redis.call('HSET', waiters, 'x:' .. me, now)
end
if not held then offer() end
forgetOldMarks()
save(0)
return 1
`,
)
