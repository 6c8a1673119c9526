import { type Outcome, oversold, type Route, routes, verdict } from './tally.ts'

export interface Result {
  readonly adapter: string
  readonly workers: number
  readonly stock: number
  readonly kills: number
  readonly outcomes: Readonly<Record<Route, Outcome>>
}

/** One line for a program: all numbers but `adapter`. The naive sale has no `left`. */
export function jsonLine({ outcomes, ...result }: Result): string {
  const sales = routes.map((route) => {
    const { sold, unknown, left } = outcomes[route]
    return [route, { sold, unknown, oversold: oversold(result.stock, sold), ...(left !== null && { left }) }]
  })
  const { adapter, workers, stock, kills } = result
  return JSON.stringify({ adapter, workers, stock, kills, ...Object.fromEntries(sales) })
}

/** Lines for a person. */
export function table({ adapter, workers, stock, kills, outcomes }: Result, colours: boolean): string {
  const rows = routes.map((route) => {
    const { sold, unknown, left } = outcomes[route]
    const { good, text } = verdict(stock, outcomes[route])
    const figures = [sold, unknown, left ?? '–'].map((figure) => String(figure).padStart(9))
    return `  ${route.padEnd(10)}${figures.join('')}   ${colours ? paint(text, good) : text}`
  })
  const killed = kills > 0 ? `, ${kills} killed during the sale` : ''
  return [
    `${stock} units, ${workers} workers${killed}, adapter ${adapter}`,
    `  ${''.padEnd(10)}${['sold', 'unknown', 'left'].map((title) => title.padStart(9)).join('')}`,
    ...rows,
    '',
  ].join('\n')
}

function paint(text: string, good: boolean): string {
  return `\u001B[${good ? 32 : 31}m${text}\u001B[39m`
}
