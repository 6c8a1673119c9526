import { startBrowser, takePicture, withoutBrowser } from '@lockstep/testing/browser'
import { freePort } from '@lockstep/testing/ports'
import { expect, test } from 'vitest'
import { openPageShop } from './page-shop.ts'
import { SalePage } from './sale-page.ts'

const without = await withoutBrowser()

test.skipIf(without)(`a page whose shop has gone says so, and goes on when it is back${without}`, async () => {
  const port = await freePort()
  await using browser = await startBrowser()
  let page: SalePage
  {
    await using shop = await openPageShop(port, 40)
    page = await SalePage.open(browser, `http://127.0.0.1:${port}`)
    await expect.poll(() => page.summary()).toMatch(/^40 units/)
    await shop.kill()
  }
  const alert = page.tab.getByRole('alert')
  await expect.poll(() => alert.allInnerTexts()).toEqual(['Connection lost. Reconnecting …'])
  expect(await page.start('Lockstep').isDisabled()).toBe(true)
  await takePicture(page.tab, 'flash-sale-connection-lost')

  await using _ = await openPageShop(port, 50)
  await expect.poll(() => page.summary()).toMatch(/^50 units/)
  expect(await alert.count()).toBe(0)
  expect(await page.start('Lockstep').isDisabled()).toBe(false)
  // 503: one worker answers, and the others are still starting.
  expect(page.troubles.filter((trouble) => !/^GET \/board: (net::ERR_CONNECTION_|503)/.test(trouble))).toEqual([])
})
