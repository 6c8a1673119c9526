import { knownBackend, testSaleOn } from './sale-on.ts'
import { startDurableRedis, withoutRedis } from './servers.ts'

testSaleOn({
  backend: knownBackend('redis'),
  without: withoutRedis,
  missing: /^There is no redis-server .*apt-get install redis-server.* LOCKSTEP_REDIS_URL=redis:.*\n$/,
  silent: /^Redis at 127\.0\.0\.1:\d+ .*ECONNREFUSED.*\n$/,
  start: startDurableRedis,
})
