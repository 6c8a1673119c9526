import { conformance } from '@lockstep/conformance'
import { mysql } from '@lockstep/state-mysql'
import { startMysql } from '@lockstep/testing/servers/mysql'
import { test } from 'vitest'
import { withServer } from '@lockstep/testing/with-server'

await withServer('conformance', startMysql, ({ uri }) => {
  conformance({ test, adapter: () => mysql({ uri }) })
})
