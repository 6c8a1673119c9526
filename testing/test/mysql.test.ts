import { startOwnMysql } from '@lockstep/testing/servers/mysql'
import { findBinaries } from '@lockstep/testing/servers/mysql/binaries'
import { expect, test } from 'vitest'

const binaries = await findBinaries()
const without = 'unavailable' in binaries ? `: ${binaries.unavailable}` : ''

test.skipIf(without)(`servers that start at once leave one another alone${without}`, async () => {
  const starts = await Promise.allSettled(Array.from({ length: 6 }, () => startOwnMysql()))
  try {
    expect(starts.filter(({ status }) => status === 'rejected')).toEqual([])
  } finally {
    for (const start of starts) if (start.status === 'fulfilled' && 'stop' in start.value) await start.value.stop()
  }
})
