import { refuseLate } from './clock.ts'
import { lock, queue } from './lock.ts'
import { Script } from './script.ts'

/** Give the lock back and offer it to the head of its queue. Answers 1 if it was still the owner's; asked again by the owner who released it, too. */
export const release: Script = new Script(
  'writes',
  lock,
  `
if owner ~= me then return 0 end
if lasts == '0' then return 1 end
if ends <= now then return 0 end
`,
  refuseLate,
  `
if busy == '0' then
  redis.call('SET', KEYS[1], token .. ' 0 0 ' .. me, 'KEEPTTL')
  return 1
end
lasts, ends = '0', 0
`,
  queue,
  `
offer()
forgetOldMarks()
save(0)
return 1
`,
)
