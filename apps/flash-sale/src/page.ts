import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import type { Board } from './board.ts'
import { type FromWorker, isToWorker } from './messages.ts'
import { isRoute } from './tally.ts'

const files = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
  { path: '/page.js', file: 'page.js', type: 'text/javascript; charset=utf-8' },
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

/** The live page: three files, the board they show, and the button behind each rush. */
export function addPage(app: FastifyInstance): void {
  for (const { path, file, type } of files) {
    const content = readFileSync(new URL(`../page/${file}`, import.meta.url))
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
  process.on('message', (message) => {
    if (isToWorker(message)) board = message.board
  })

  app.get('/board', async (_request, reply) =>
    board ? reply.header('cache-control', 'no-store').send(board) : reply.code(503).send({ error: 'no board yet' }),
  )

  app.post<{ Params: { route: string } }>('/rush/:route', async ({ params }, reply) => {
    if (!isRoute(params.route)) return reply.callNotFound()
    process.send?.({ flashSale: 'rush', route: params.route } satisfies FromWorker)
    return reply.code(202).send({ route: params.route })
  })
}
