import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Unavailable } from './servers/unavailable.ts'

/** No GPU, and no talk with anybody but the page: https://peter.sh/experiments/chromium-command-line-switches */
const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
]

/**
 * The path of a Chromium: the one that `LOCKSTEP_CHROMIUM` names, else the first on the `PATH`. Throws when the one
 * that is named is not there.
 */
export async function findChromium(): Promise<string | Unavailable> {
  const named = process.env['LOCKSTEP_CHROMIUM']
  if (named) {
    if (await executable(named)) return named
    throw new Error(`LOCKSTEP_CHROMIUM names ${named}, which cannot be executed.`)
  }
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    for (const folder of folders) {
      const path = join(folder, name)
      if (await executable(path)) return path
    }
  }
  return {
    unavailable:
      'There is no chromium on the PATH. Install one (apt-get install chromium, brew install chromium), or name it: LOCKSTEP_CHROMIUM=/path/to/chromium.',
  }
}

/** Nothing where there is a Chromium, else why tests are skipped, for their titles. */
export async function withoutBrowser(): Promise<string> {
  const path = await findChromium()
  return typeof path === 'string' ? '' : `: ${path.unavailable}`
}

/** Starts a Chromium with a profile of its own, which goes with it; it ends with this process at the latest. Rejects when there is none. */
export async function startBrowser(): Promise<Browser> {
  const path = await findChromium()
  if (typeof path !== 'string') throw new Error(path.unavailable)
  // Root and containers cannot have the sandbox, and the pages are our own.
  return chromium.launch({ executablePath: path, args: quiet, chromiumSandbox: false })
}

/**
 * What goes wrong in the page from now on, a line each: `GET /board: net::ERR_CONNECTION_RESET`, `GET /board: 503`,
 * `warning: …` from its console, `exception: …`. A request that a page drops because it is left or reloaded is none.
 */
export function troublesOf(page: Page): readonly string[] {
  const troubles: string[] = []
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText
    if (why !== 'net::ERR_ABORTED') troubles.push(`${request.method()} ${new URL(request.url()).pathname}: ${why}`)
  })
  page.on('response', (response) => {
    const { pathname } = new URL(response.url())
    if (response.status() >= 400) troubles.push(`${response.request().method()} ${pathname}: ${response.status()}`)
  })
  page.on('console', (message) => {
    // Chromium writes a line for each of the requests above, too.
    const known = message.text().startsWith('Failed to load resource')
    if (['error', 'warning'].includes(message.type()) && !known) troubles.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => troubles.push(`exception: ${error.message}`))
  return troubles
}

/** The whole page as `NAME.png` in the folder that `LOCKSTEP_ARTIFACTS` names, by default `artifacts` at the root, which git ignores. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = process.env['LOCKSTEP_ARTIFACTS'] || fileURLToPath(new URL('../../artifacts', import.meta.url))
  const path = resolve(folder, `${name}.png`)
  await page.screenshot({ path, fullPage: true })
  console.log(`A picture of the page: ${path}`)
}

function executable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
