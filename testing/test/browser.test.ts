import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { findChromium, startBrowser, takePicture, troublesOf, withoutBrowser } from '../src/browser.ts'
import { temporaryFolder } from '../src/tmp.ts'

const without = await withoutBrowser()

afterEach(() => {
  vi.unstubAllEnvs()
})

test('without a Chromium we are told how to get one', async () => {
  vi.stubEnv('LOCKSTEP_CHROMIUM', '')
  vi.stubEnv('PATH', '')
  expect(await findChromium()).toEqual({ unavailable: expect.stringMatching(/apt-get install .*LOCKSTEP_CHROMIUM=/) })
})

test('the Chromium that the environment names is taken, and one that is not there is no reason to skip', async () => {
  vi.stubEnv('LOCKSTEP_CHROMIUM', process.execPath)
  expect(await findChromium()).toBe(process.execPath)
  vi.stubEnv('LOCKSTEP_CHROMIUM', '/nowhere/chromium')
  await expect(findChromium()).rejects.toThrow('LOCKSTEP_CHROMIUM names /nowhere/chromium')
})

test.skipIf(without)(`what goes wrong in a page is noted, once, and nothing else${without}`, async () => {
  await using server = await serve(`
    const ask = (path) => fetch(path).catch(() => undefined)
    ask('/missing').then(() => ask('/hangup')).then(() => {
      console.log('all is well')
      console.error('it is not')
      setTimeout(() => { throw new Error('really') })
    })`)
  await using browser = await startBrowser()
  const page = await browser.newPage()
  const troubles = troublesOf(page)
  await page.goto(urlOf(server))

  await vi.waitFor(() => expect(troubles).toContain('exception: really'), { timeout: 10_000 })
  expect(troubles).toEqual([
    'GET /missing: 404',
    'GET /hangup: net::ERR_EMPTY_RESPONSE',
    'error: it is not',
    'exception: really',
  ])
})

test.skipIf(without)(`a picture goes to the folder that the environment names${without}`, async () => {
  await using folder = await temporaryFolder()
  vi.stubEnv('LOCKSTEP_ARTIFACTS', folder.path)
  await using server = await serve('')
  await using browser = await startBrowser()
  const page = await browser.newPage()
  await page.goto(urlOf(server))
  const say = vi.spyOn(console, 'log').mockReturnValue()
  await takePicture(page, 'empty')

  const picture = join(folder.path, 'empty.png')
  expect((await stat(picture)).size).toBeGreaterThan(100)
  expect(say).toHaveBeenCalledExactlyOnceWith(`A picture of the page: ${picture}`)
})

/** A page with this script, on a free port. */
async function serve(script: string): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/hangup') request.socket.destroy()
    else if (request.url === '/') response.setHeader('content-type', 'text/html').end(html(script))
    else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function html(script: string): string {
  return `<!doctype html><link rel="icon" href="data:,"><script>${script}</script>`
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}
