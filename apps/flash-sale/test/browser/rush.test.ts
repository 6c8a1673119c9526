import { startBrowser, takePicture, withoutBrowser } from '@lockstep/testing/browser'
import { freePort } from '@lockstep/testing/ports'
import type { TestProcess } from '@lockstep/testing/processes'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPageShop } from './page-shop.ts'
import { type Card, SalePage } from './sale-page.ts'

const without = await withoutBrowser()

const stock = 200

/** A rush lasts six seconds, nine where the shop is slow. */
const toTheEnd = { timeout: 15_000 }

/** What the card says while customers are there. */
const goingOn = /^(Selling|Overselling|Sold out, and still being asked) …/

/** What the browser asked a worker just when it was killed; it asks again. */
const lost = /^GET \/board: net::ERR_(CONNECTION_RESET|CONNECTION_CLOSED|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)$/

/** All is sold, and nothing twice. What had no answer, from a killed worker or in time, may have been sold; without any, the customers have the stock. */
async function expectExact(page: SalePage, card: Card): Promise<void> {
  await expect
    .poll(() => page.outcome(card), toTheEnd)
    .toMatch(/^Exact\n+(Every unit was sold, and none twice|Gone: 200 units, \d+ of them to customers who got no)/)
  const sold = await page.figure(card, 'Sold')
  expect(await page.figure(card, 'Left')).toBe(0)
  expect(sold).toBeLessThanOrEqual(stock)
  expect(sold + (await page.figure(card, 'No answer'))).toBeGreaterThanOrEqual(stock)
  expect((await page.soldBy(card)).reduce((sum, count) => sum + count)).toBe(sold)
}

describe.skipIf(without)(`the page in a browser, through whole rushes${without}`, () => {
  let shop: TestProcess
  let browser: Browser
  let page: SalePage
  let second: SalePage

  beforeAll(async () => {
    const port = await freePort()
    const starting = startBrowser()
    shop = await openPageShop(port, stock)
    browser = await starting
    page = await SalePage.open(browser, `http://127.0.0.1:${port}`)
    second = await SalePage.open(browser, `http://127.0.0.1:${port}`)
  })

  afterAll(async () => {
    await browser?.close()
    await shop?.[Symbol.asyncDispose]()
  })

  test('it shows the stock, the workers ready, and that nothing has been sold', async () => {
    await expect.poll(() => page.summary()).toMatch(/^200 units, kept in: memory\. 2 workers on one port\./)
    expect(await page.workers()).toEqual([
      expect.stringMatching(/^Worker 1 ready · pid \d+ Kill$/),
      expect.stringMatching(/^Worker 2 ready · pid \d+ Kill$/),
    ])
    expect(await page.outcome('Lockstep')).toBe('Not started yet')
    expect(await page.figure('Lockstep', 'Left')).toBe(stock)
    expect(await page.figure('Lockstep', 'Sold')).toBe(0)
  })

  test('the naive sale oversells, while it goes on and in its verdict, in every tab', async () => {
    await page.start('Naive').click()
    await expect.poll(() => page.outcome('Naive')).toMatch(goingOn)
    await expect.poll(() => second.outcome('Naive')).toMatch(goingOn)
    expect(await second.start('Lock').isDisabled()).toBe(true)
    await expect.poll(() => page.outcome('Naive')).toMatch(/^Overselling …/)
    await takePicture(page.tab, 'flash-sale-overselling')

    await expect
      .poll(() => page.outcome('Naive'), toTheEnd)
      .toMatch(/^Oversold by \d+\n+Sold to \d+ customers more than there were units\.$/)
    const sold = await page.figure('Naive', 'Sold')
    expect(sold).toBeGreaterThan(stock)
    expect(await page.outcome('Naive')).toContain(`Oversold by ${sold - stock}\n`)
    expect(await page.figure('Naive', 'Left')).toBe(stock - sold)
    const [one = 0, two = 0] = await page.soldBy('Naive')
    expect(one + two).toBe(sold)
    expect(Math.max(one, two)).toBe(stock)
  })

  test('a reload and a killed worker in the middle of the rush: it goes on, with a new worker, and is exact', async () => {
    expect([...page.troubles, ...second.troubles]).toEqual([])
    const [first] = await page.workers()
    await page.start('Lockstep').click()
    await expect.poll(() => page.figure('Lockstep', 'Sold')).toBeGreaterThan(10)

    await page.tab.reload()
    await expect.poll(() => page.outcome('Lockstep')).toMatch(goingOn)
    expect(await page.outcome('Naive')).toMatch(/^Oversold by/)
    expect(await page.figure('Lockstep', 'Sold')).toBeGreaterThan(10)

    // A new worker is there in less than a second, so it is looked for before the old one is killed.
    await Promise.all([page.sawWorker(/Worker 1\s+killed/), page.kill(1).click()])
    await takePicture(page.tab, 'flash-sale-worker-killed')
    await expect.poll(async () => (await page.workers())[0]).toMatch(/^Worker 1 ready again · pid \d+ Kill$/)
    await expect.poll(() => second.text()).toMatch(/Worker 1\s+ready again/)
    expect((await page.workers())[0]).not.toContain(/pid \d+/.exec(String(first))?.[0])
    expect(await page.summary()).toContain('1 killed so far.')

    await expectExact(page, 'Lockstep')
  })

  test('the keyboard reaches every button, and stays where it is; the rush that it starts is exact', async () => {
    const names = [
      'Kill worker 1',
      'Kill worker 2',
      ...['Naive', 'Lockstep', 'Lock'].map((card) => `Start the rush: ${card}`),
    ]
    await expect.poll(() => second.start('Lock').isEnabled()).toBe(true)
    for (const name of names) {
      await second.tab.keyboard.press('Tab')
      expect(await second.focused()).toBe(name)
    }
    await second.tab.keyboard.press('Enter')
    await expect.poll(() => second.outcome('Lock')).toMatch(goingOn)
    expect(await second.focused()).toBe('Start the rush: Lock')
    expect(await second.start('Lock').isDisabled()).toBe(true)

    await expectExact(second, 'Lock')
  })

  test('the verdicts outlast a reload, and two tabs show the same', async () => {
    const before = await second.text()
    expect(before.match(/^Exact$/gm)).toHaveLength(2)
    await page.tab.reload()
    await expect.poll(() => page.text()).toBe(before)
    expect(await second.text()).toBe(before)
  })

  test.each(['light', 'dark'] as const)(
    '%s, without motion, on a narrow window: all of it can be read',
    async (scheme) => {
      await page.tab.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
      await takePicture(page.tab, `flash-sale-end-${scheme}`)
      const wide = await page.text()
      await page.tab.setViewportSize({ width: 375, height: 760 })
      expect(await page.overflow()).toBe(0)
      expect(await page.text()).toBe(wide)
      await takePicture(page.tab, `flash-sale-end-${scheme}-narrow`)
      await page.tab.setViewportSize({ width: 1_200, height: 760 })
    },
  )

  test('nothing has jumped', async () => {
    // Below 0.1 people call a page steady: https://web.dev/articles/cls
    expect(await second.shift()).toBeLessThan(0.1)
  })

  test('nothing went wrong in the browser but what the killed worker took along', () => {
    const troubles = [...page.troubles, ...second.troubles]
    expect(troubles.filter((trouble) => !lost.test(trouble))).toEqual([])
  })
})
