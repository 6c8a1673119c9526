import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@lockstep/testing/ports'
import { TestProcess } from '@lockstep/testing/processes'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Board } from '../src/board.ts'

let app: TestProcess
let url: string

beforeAll(async () => {
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  app = new TestProcess(new URL('../src/main.ts', import.meta.url), { args: ['--port', String(port), '--stock', '40'] })
  await app.line(/open at http/)
})

afterAll(() => app[Symbol.asyncDispose]())

/** The first board that `fits`; the shop tells nobody when it changes, so it is asked again, as the page does. */
async function board(fits: (board: Board) => boolean): Promise<Board> {
  for (;;) {
    const response = await fetch(`${url}/board`)
    const latest = response.ok ? ((await response.json()) as Board) : undefined
    if (latest && fits(latest)) return latest
    await sleep(50)
  }
}

test('the page has a policy that lets in nothing but its own files, and no inline script', async () => {
  const page = await fetch(url)
  const html = await page.text()

  expect(page.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; script-src 'self'; style-src 'self'/,
  )
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|https?:/)
  expect(html).toContain('"/page.css"')
  expect(html).toContain('"/page.js"')
  for (const path of ['/page.css', '/page.js', '/words.js']) {
    expect((await fetch(url + path)).status).toBe(200)
  }
})

test('the board names the adapter and the workers', async () => {
  const { adapter, stock, sale, workers } = await board(() => true)

  expect({ adapter, stock, sale }).toEqual({ adapter: 'memory', stock: 40, sale: null })
  expect(workers).toMatchObject([
    { slot: 0, state: 'ready' },
    { slot: 1, state: 'ready' },
  ])
})

test('a rush is started by POST only', async () => {
  expect((await fetch(`${url}/rush/naive`)).status).toBe(404)
  expect((await fetch(`${url}/rush/free`, { method: 'POST' })).status).toBe(404)
})

test('a way to sell that takes a database is neither shown nor started without one', async () => {
  const html = await (await fetch(url)).text()

  expect(html).toContain('data-route="transaction" hidden')
  expect((await fetch(`${url}/rush/transaction`, { method: 'POST' })).status).toBe(404)
  expect(Object.keys((await board(() => true)).sales)).toEqual(['naive', 'lockstep', 'lock'])
})

test('what is not there is not killed', async () => {
  expect((await fetch(`${url}/workers/2/kill`, { method: 'POST' })).status).toBe(404)
  expect((await fetch(`${url}/workers/0/kill`)).status).toBe(404)
})

test.each(['cross-site', 'same-site', 'none'])('a page of another site (%s) presses no button', async (site) => {
  for (const path of ['/rush/naive', '/workers/0/kill']) {
    // fetch() lets nobody set this header, not even here.
    const asked = request(url + path, { method: 'POST', headers: { 'sec-fetch-site': site } }).end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    expect(answer.statusCode).toBe(403)
  }
  const { running, kills } = await board(() => true)
  expect({ running, kills }).toEqual({ running: null, kills: 0 })
})

test('a worker that is killed is replaced, and the new one has a board to show from its first answer on', async () => {
  await board(() => true)
  expect((await fetch(`${url}/workers/0/kill`, { method: 'POST' })).status).toBe(202)
  const answers = new Set<number | undefined>()
  await vi.waitFor(
    async () => {
      // On a connection of its own, so that every other goes to the new worker.
      const signal = AbortSignal.timeout(2_000)
      const asked = request(`${url}/board`, { agent: false, signal }).end()
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      answers.add(answer.statusCode)
      expect(await json(answer)).toMatchObject({
        kills: 1,
        workers: [
          { slot: 0, state: 'ready', restarts: 1 },
          { slot: 1, state: 'ready', restarts: 0 },
        ],
      })
    },
    { timeout: 20_000, interval: 10 },
  )
  expect([...answers]).toEqual([200])
})

test('a rush ends with its verdict on the board', async () => {
  expect((await fetch(`${url}/rush/lockstep`, { method: 'POST' })).status).toBe(202)
  await board(({ running }) => running === 'lockstep')
  const final = await board(({ sales }) => sales.lockstep?.verdict?.text !== undefined)

  expect(final.sales.lockstep).toMatchObject({
    left: 0,
    tally: { sold: 40, unknown: 0 },
    verdict: { good: true, text: 'exact' },
  })
}, 20_000)

test('Ctrl-C closes the sale', async () => {
  expect(await app.kill('SIGINT')).toEqual({ code: 0, signal: null })
})
