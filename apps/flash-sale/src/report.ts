import { type Outcome, oversold, type Route, routes, type Supply, verdict } from './tally.ts'

export interface Result extends Supply {
  readonly adapter: string
  readonly workers: number
  readonly kills: number
  readonly outcomes: Readonly<Record<Route, Outcome>>
}

/** One line for a program: all numbers but `adapter`. The naive sale has no `left`. */
export function jsonLine({ adapter, workers, stock, kills, outcomes }: Result): string {
  const sales = routes.map((route) => {
    const { sold, unknown, left } = outcomes[route]
    return [route, { sold, unknown, oversold: oversold(stock, sold), ...(left !== null && { left }) }]
  })
  return JSON.stringify({ adapter, workers, stock, kills, ...Object.fromEntries(sales) })
}

/** Lines for a person. */
export function table(result: Result, colours: boolean): string {
  const { adapter, workers, stock, sale, kills, outcomes } = result
  const rows = routes.map((route) => {
    const { sold, unknown, left } = outcomes[route]
    const { good, text } = verdict(result, outcomes[route])
    const figures = [sold, unknown, left ?? '–'].map((figure) => String(figure).padStart(9))
    return `  ${route.padEnd(10)}${figures.join('')}   ${colours ? paint(text, good) : text}`
  })
  const killed = kills > 0 ? `, ${kills} killed during the sale` : ''
  const shared = sale === undefined ? '' : ` of the sale ${sale}`
  return [
    `${stock} units${shared}, ${workers} workers${killed}, adapter ${adapter}`,
    `  ${''.padEnd(10)}${['sold', 'unknown', 'left'].map((title) => title.padStart(9)).join('')}`,
    ...rows,
    '',
  ].join('\n')
}

function paint(text: string, good: boolean): string {
  return `\u001B[${good ? 32 : 31}m${text}\u001B[39m`
}
