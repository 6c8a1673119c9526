/**
 * The beginning of every script. ARGV[1] is the deadline of the call, on the clock of the server. `now`: that clock in milliseconds, by which everything expires.
 * `micros`: the same in microseconds, for tokens and versions.
 *
 * What the most frequent calls do comes first, without functions and with as little formatting as can be: Lua makes its functions anew in each run, and to print a
 * large number takes longer than to read a key.
 */
export const clock: string = `
local time = redis.call('TIME')
local micros = time[1] * 1000000 + time[2]
local now = math.floor(micros / 1000)
`

/** Nothing is applied that arrives after the deadline of its call. */
export const refuseLate: string = `
if now > tonumber(ARGV[1]) then return redis.error_reply('LATE ' .. now) end
`
