import { type Outcome, oversold, type Route, type Supply, verdict } from './tally.ts'

export interface Result extends Supply {
  readonly adapter: string
  readonly workers: number
  readonly kills: number
  /** In the order in which they are told. */
  readonly outcomes: Readonly<Partial<Record<Route, Outcome>>>
}

/** One line for a program: all numbers but `adapter`. The naive sale has no `left`. */
export function jsonLine({ adapter, workers, stock, kills, outcomes }: Result): string {
  const sales = Object.entries(outcomes).map(([route, { sold, unknown, left }]) => {
    return [route, { sold, unknown, oversold: oversold(stock, sold), ...(left !== null && { left }) }]
  })
  return JSON.stringify({ adapter, workers, stock, kills, ...Object.fromEntries(sales) })
}

/** Lines for a person. */
export function table(result: Result, colours: boolean): string {
  const { adapter, workers, stock, sale, kills, outcomes } = result
  const sales = Object.entries(outcomes)
  const width = Math.max(...sales.map(([route]) => route.length)) + 2
  const rows = sales.map(([route, outcome]) => {
    const { sold, unknown, left } = outcome
    const { good, text } = verdict(result, outcome)
    const figures = [sold, unknown, left ?? '–'].map((figure) => String(figure).padStart(9))
    return `  ${route.padEnd(width)}${figures.join('')}   ${colours ? paint(text, good) : text}`
  })
  const killed = kills > 0 ? `, ${kills} killed during the sale` : ''
  const shared = sale === undefined ? '' : ` of the sale ${sale}`
  return [
    `${stock} units${shared}, ${workers} workers${killed}, adapter ${adapter}`,
    `  ${''.padEnd(width)}${['sold', 'unknown', 'left'].map((title) => title.padStart(9)).join('')}`,
    ...rows,
    '',
  ].join('\n')
}

function paint(text: string, good: boolean): string {
  return `\u001B[${good ? 32 : 31}m${text}\u001B[39m`
}
