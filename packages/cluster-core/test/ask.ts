import { type Agent, get, type IncomingHttpHeaders } from 'node:http'

export interface Answer {
  readonly body: string
  readonly headers: IncomingHttpHeaders
  /** The connection had served a request before. */
  readonly reused: boolean
}

/** One GET request. Without an agent it has a connection of its own. */
export function ask(port: number, path = '/', agent: Agent | false = false): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port, path, agent, timeout: 5_000 }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.once('end', () => resolve({ body, headers: response.headers, reused: request.reusedSocket }))
      response.once('error', reject)
    })
    request.once('timeout', () => request.destroy(Object.assign(new Error('No answer.'), { code: 'HUNG' })))
    request.once('error', (error) => reject(Object.assign(error, { reused: request.reusedSocket })))
  })
}
