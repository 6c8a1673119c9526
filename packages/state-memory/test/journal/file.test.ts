import { openSync } from 'node:fs'
import { expect, test } from 'vitest'
import { JournalFile } from '../../src/journal/file.ts'
import { recordOf } from '../../src/journal/record.ts'

const elsewhere = process.platform === 'linux' ? undefined : ' (skipped: only Linux has such devices)'

function device(path: string, sync: boolean): JournalFile {
  return new JournalFile(path, { fd: openSync(path, 'r+'), length: 0, sync })
}

test.skipIf(elsewhere !== undefined)(
  `a file that can neither be written nor cut takes nothing any more, and says to restart${elsewhere ?? ''}`,
  () => {
    // The device is full, and cannot be cut.
    const file = device('/dev/full', false)
    expect(file.append(recordOf('[1]'))).toMatchObject({
      code: 'LOCKSTEP_UNAVAILABLE',
      message: expect.stringMatching(/could not be written \(ENOSPC.*nothing was applied/),
    })
    expect(file.append(recordOf('[1]'))).toMatchObject({
      code: 'LOCKSTEP_UNAVAILABLE',
      message: expect.stringMatching(/Restart/),
    })
    expect([file.broken, file.length]).toEqual([true, 0])
    expect(file.warning).toMatch(/takes no more changes/)
    file.close()
  },
)

test.skipIf(elsewhere !== undefined)(
  `after a sync that failed the change is unknown, and nothing is taken any more${elsewhere ?? ''}`,
  () => {
    // The device takes everything, and cannot be synced.
    const file = device('/dev/null', true)
    expect(file.append(recordOf('[1]'))).toMatchObject({ code: 'LOCKSTEP_OUTCOME_UNKNOWN' })
    expect(file.append(recordOf('[1]'))).toMatchObject({ code: 'LOCKSTEP_UNAVAILABLE' })
    file.close()
  },
)
