import type { Browser, Locator, Page } from 'playwright-core'
import { troublesOf } from '@lockstep/testing/browser'

export type Card = 'Naive' | 'Lockstep' | 'Lock' | 'Transaction'

/** The page of the sale in a tab, found and read as a person does: by roles, names and text. */
export class SalePage {
  readonly tab: Page
  /** What went wrong in it, a line each. */
  readonly troubles: readonly string[]

  private constructor(tab: Page) {
    this.tab = tab
    this.troubles = troublesOf(tab)
  }

  static async open(browser: Browser, url: string): Promise<SalePage> {
    const page = new SalePage(await browser.newPage({ viewport: { width: 1_200, height: 760 } }))
    await page.tab.goto(url)
    return page
  }

  /** All that can be read on it. */
  text(): Promise<string> {
    return this.tab.locator('body').innerText()
  }

  summary(): Promise<string> {
    return this.tab.getByRole('banner').getByRole('paragraph').innerText()
  }

  /** `Worker 1 ready · pid 4711 Kill`, a line each. */
  async workers(): Promise<readonly string[]> {
    const texts = await this.tab
      .getByRole('list', { name: 'Workers', exact: true })
      .getByRole('listitem')
      .allInnerTexts()
    return texts.map((text) => text.replaceAll(/\s+/g, ' ').trim())
  }

  start(card: Card): Locator {
    return this.tab.getByRole('button', { name: `Start the rush: ${card}`, exact: true })
  }

  kill(worker: number): Locator {
    return this.tab.getByRole('button', { name: `Kill worker ${worker}`, exact: true })
  }

  /** What the card says of its rush: the verdict in its first line once it is over. */
  async outcome(card: Card): Promise<string> {
    return this.#card(card).getByRole('status').innerText()
  }

  async figure(card: Card, label: 'Left' | 'Sold' | 'Refused' | 'No answer'): Promise<number> {
    const text = await this.#card(card).locator('dl > div', { hasText: label }).getByRole('definition').innerText()
    return Number(text.replace('−', '-').replace(',', ''))
  }

  /** What each worker has sold. */
  async soldBy(card: Card): Promise<readonly number[]> {
    const texts = await this.#card(card).getByRole('list').getByRole('listitem').allInnerTexts()
    return texts.map((text) => Number(text.split('\n').at(-1)?.replace(',', '')))
  }

  /** The name of what the keyboard is on. */
  focused(): Promise<string | null> {
    return this.tab.evaluate('document.activeElement.ariaLabel')
  }

  /** How many pixels the page is wider than its window. */
  overflow(): Promise<number> {
    return this.tab.evaluate('document.documentElement.scrollWidth - innerWidth')
  }

  /** How much of what was shown has moved without anybody's doing, as a share of the window: https://web.dev/articles/cls */
  shift(): Promise<number> {
    return this.tab.evaluate(`new Promise((resolve) => {
      new PerformanceObserver((list) => {
        const shifts = list.getEntries().filter(({ hadRecentInput }) => !hadRecentInput)
        resolve(shifts.reduce((sum, { value }) => sum + value, 0))
      }).observe({ type: 'layout-shift', buffered: true })
      // Where nothing has moved, the observer is not called.
      setTimeout(resolve, 300, 0)
    })`)
  }

  /** Resolves when the list of workers shows something like this, however short; rejects after ten seconds. */
  async sawWorker(pattern: RegExp): Promise<void> {
    await this.tab.evaluate(`new Promise((resolve, reject) => {
      const workers = document.querySelector('#workers')
      const look = () => ${pattern}.test(workers.innerText) && resolve()
      new MutationObserver(look).observe(workers, { subtree: true, childList: true, characterData: true })
      setTimeout(() => reject(new Error('no worker was like that: ' + workers.innerText)), 10_000)
      look()
    })`)
  }

  #card(name: Card): Locator {
    return this.tab.getByRole('article', { name, exact: true })
  }
}
