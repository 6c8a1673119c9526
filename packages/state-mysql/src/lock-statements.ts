import { named, type Named, now, type Tables } from './sql.ts'

/**
 * The statements of locks. Assignments are made from left to right, each seeing those before it, so that their order matters:
 * https://dev.mysql.com/doc/refman/8.4/en/insert-on-duplicate.html
 */
export interface LockStatements {
  readonly acquire: Named<'name' | 'owner' | 'client' | 'due' | 'ttl' | 'reserve' | 'wants'>
  readonly release: Named<'name' | 'owner'>
  readonly cancel: Named<'name' | 'owner'>
  readonly extend: Named<'name' | 'owner' | 'ttl'>
  readonly inspect: Named<'name'>
}

/** Microseconds: how long it is remembered that another process has asked for a lock, and how old that may get before it is written again. */
const wanted = { lasts: 100_000, old: 50_000 }
/** Microseconds for which a process that has released a lock lets others have it first, if one has asked for it: about as long as those sleep between two polls. */
const yields = 45_000

/** The lock is free, for this client, and the request is not late. */
const free = `#due >= ${now} AND expires_us <= ${now} AND (client <> :client OR yields_us <= ${now})`

export function lockStatements({ locks }: Tables): LockStatements {
  return {
    // Says the token of a grant, also of one that this owner has already; the microseconds until it is worth asking again; or 0 where it came too late. A token
    // that was given just now is greater than last_token, and no other is.
    acquire: named(`INSERT INTO ${locks} (name, owner, client, token, last_token, expires_us)
VALUES (:name, :owner, :client, LAST_INSERT_ID(IF(#due >= ${now}, ${now}, 0)), ${now} + #reserve, IF(#due >= ${now}, ${now} + #ttl, 0))
ON DUPLICATE KEY UPDATE
  token = IF(${free}, LAST_INSERT_ID(GREATEST(last_token + 1, ${now})), token + 0 * LAST_INSERT_ID(
    IF(#due < ${now}, 0, IF(expires_us <= ${now}, yields_us - ${now}, IF(owner = :owner, token, expires_us - ${now}))))),
  expires_us = IF(token > last_token, ${now} + #ttl,
    IF(owner = :owner AND expires_us > ${now} AND #due >= ${now}, GREATEST(expires_us, ${now} + #ttl), expires_us)),
  wanted_us = IF(#wants = 1 AND token <= last_token AND client <> :client AND expires_us > ${now} AND wanted_us < ${now} + ${wanted.old},
    ${now} + ${wanted.lasts}, wanted_us),
  owner = IF(token > last_token, :owner, owner),
  client = IF(token > last_token, :client, client),
  last_token = IF(token > last_token, token + #reserve, last_token)`),
    // 0 is the end of a lease that was released: a repeat by its owner finds that it was.
    release: named(`UPDATE ${locks} SET yields_us = IF(wanted_us > ${now}, ${now} + ${yields}, 0), expires_us = 0
WHERE name = :name AND owner = :owner AND (expires_us > ${now} OR expires_us = 0)`),
    cancel: named(`UPDATE ${locks} SET expires_us = 0 WHERE name = :name AND owner = :owner AND expires_us > ${now}`),
    extend: named(`UPDATE ${locks} SET expires_us = GREATEST(expires_us, ${now} + #ttl)
WHERE name = :name AND owner = :owner AND expires_us > ${now}`),
    inspect: named(`SELECT token, CEILING((expires_us - ${now}) / 1000) AS expiresIn FROM ${locks}
WHERE name = :name AND expires_us > ${now}`),
  }
}
