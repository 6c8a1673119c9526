import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Board } from './board.ts'
import { type FromWorker, isToWorker } from './messages.ts'
import type { Route } from './tally.ts'

const files = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
  { path: '/page.js', file: 'page.js', type: 'text/javascript; charset=utf-8' },
  { path: '/words.js', file: 'words.js', type: 'text/javascript; charset=utf-8' },
]

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Milliseconds that a worker which has just started waits for its first board: several times what the primary lets pass between two. */
const patience = 1_500

/** The live page: its files, the board they show, and what its buttons do. */
export function addPage(app: FastifyInstance, routes: readonly Route[]): void {
  for (const { path, file, type } of files) {
    const text = readFileSync(new URL(`../page/${file}`, import.meta.url), 'utf8')
    const content = path === '/' ? withCards(text, routes) : text
    app.get(path, async (_request, reply) =>
      reply
        .type(type)
        .header('content-security-policy', policy)
        .header('x-content-type-options', 'nosniff')
        .header('cache-control', 'no-cache')
        .send(content),
    )
  }

  let board: Board | undefined
  const told = new Promise<void>((resolve) => {
    process.on('message', (message) => {
      if (!isToWorker(message)) return
      board = message.board
      resolve()
    })
  })

  app.get('/board', async (_request, reply) => {
    if (!board) await Promise.race([told, sleep(patience)])
    return board ? reply.header('cache-control', 'no-store').send(board) : reply.code(503).send({ error: 'no board' })
  })

  app.post<{ Params: { route: string } }>('/rush/:route', { onRequest: fromThisPage }, async ({ params }, reply) => {
    const route = routes.find((name) => name === params.route)
    if (!route) return reply.callNotFound()
    tell({ flashSale: 'rush', route })
    return reply.code(202).send({ route })
  })

  app.post<{ Params: { slot: string } }>(
    '/workers/:slot/kill',
    { onRequest: fromThisPage },
    async ({ params }, reply) => {
      const worker = board?.workers.find(({ slot }) => String(slot) === params.slot)
      if (!worker) return reply.callNotFound()
      // The answer first: it may be this very worker.
      reply.raw.once('finish', () => tell({ flashSale: 'kill', slot: worker.slot }))
      return reply.code(202).send({ slot: worker.slot })
    },
  )
}

/** The page, with the cards of these ways: those that not every adapter has are hidden in it. Shown by a script they would make the page jump. */
function withCards(html: string, routes: readonly Route[]): string {
  return routes.reduce((page, route) => page.replace(`data-route="${route}" hidden`, `data-route="${route}"`), html)
}

/** A page of another site, open in the same browser, presses no buttons here: https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site */
async function fromThisPage({ headers }: FastifyRequest, reply: FastifyReply): Promise<void> {
  const site = headers['sec-fetch-site'] ?? 'same-origin'
  if (site !== 'same-origin') await reply.code(403).send({ error: 'only the page itself may do this' })
}

function tell(message: FromWorker): void {
  process.send?.(message)
}
