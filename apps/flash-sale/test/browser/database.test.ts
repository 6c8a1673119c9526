import { startBrowser, takePicture, withoutBrowser } from '@lockstep/testing/browser'
import { freePort } from '@lockstep/testing/ports'
import { expect, test } from 'vitest'
import { startDurableMysql, withoutMysql } from '../servers.ts'
import { openPageShop } from './page-shop.ts'
import { SalePage } from './sale-page.ts'

const without = (await withoutBrowser()) + withoutMysql

test.skipIf(without)(
  `on a database the page has one card more, in its place from the start, and its sale is exact${without}`,
  { timeout: 60_000 },
  async () => {
    const port = await freePort()
    await using browser = await startBrowser()
    await using server = await startDurableMysql()
    const env = { LOCKSTEP_MYSQL_URI: server.url }
    await using _ = await openPageShop(port, 200, { options: ['--adapter', 'mysql'], env })
    const page = await SalePage.open(browser, `http://127.0.0.1:${port}`)
    await expect.poll(() => page.summary()).toMatch(/^200 units, kept in: mysql\./)

    await page.start('Transaction').click()
    await expect
      .poll(() => page.outcome('Transaction'), { timeout: 20_000 })
      .toMatch(/^Exact\n+(Every unit was sold, and none twice|Gone: 200 units, \d+ of them to customers who got no)/)
    expect(await page.figure('Transaction', 'Left')).toBe(0)
    await takePicture(page.tab, 'flash-sale-on-mysql')
    // Below 0.1 people call a page steady: https://web.dev/articles/cls
    expect(await page.shift()).toBeLessThan(0.1)

    await page.tab.setViewportSize({ width: 375, height: 760 })
    expect(await page.overflow()).toBe(0)
    expect(page.troubles).toEqual([])
  },
)
