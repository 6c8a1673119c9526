import type { Route, Tally, Verdict } from './tally.ts'

/** All that the page shows. The primary keeps it and sends it to every worker; whichever is asked can answer. */
export interface Board {
  readonly adapter: string
  readonly stock: number
  /** `null`: this shop sells alone. */
  readonly sale: string | null
  readonly kills: number
  readonly workers: readonly WorkerView[]
  readonly running: Route | null
  /** Of those ways that this adapter has. */
  readonly sales: Readonly<Partial<Record<Route, SaleView>>>
}

interface WorkerView {
  readonly slot: number
  readonly pid: number | null
  readonly state: string
  /** How often it was started again. */
  readonly restarts: number
}

export interface SaleView {
  readonly tally: Tally
  readonly left: number | null
  /** `null` until the rush is over. */
  readonly verdict: Verdict | null
}
