import { join } from 'node:path'

/** The folder of what is not TypeScript: what Maven is to fetch, how brokers log, what Docker is to run. */
export const sources: string = join(import.meta.dirname, '..', '..', '..', 'servers', 'kafka')
