import { type Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Question {
  readonly agent: Agent
  readonly port: number
  readonly method: 'GET' | 'PUT' | 'POST'
  readonly path: string
}

export interface Answer {
  readonly status: number
  /** `undefined` when it is not JSON. */
  readonly body: unknown
}

/** Milliseconds to wait for somebody to listen, to wait for the answer, and between two attempts to connect. */
const opening = 4_000
const patience = 2_000
const pause = 20

/** Rejects when there is no answer in time, or none can come any more; the request may have been served all the same. */
export async function ask(question: Question): Promise<Answer> {
  const end = performance.now() + opening
  for (;;) {
    try {
      return await attempt(question)
    } catch (error) {
      if (!neverAccepted(error) || performance.now() > end) throw error
      await sleep(pause)
    }
  }
}

/** Nobody listened, so nobody can have served it: the one failure after which it is safe to ask again. */
function neverAccepted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
}

function attempt({ agent, port, method, path }: Question): Promise<Answer> {
  const signal = AbortSignal.timeout(patience)
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: '127.0.0.1', port, method, path, signal })
    sent.once('error', reject)
    sent.once('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
      })
      response.once('error', reject)
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: parsed(text) }))
    })
    sent.end()
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
