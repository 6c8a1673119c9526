import type { Report } from './harness/report.ts'
import { quickly } from './harness/rounds.ts'
import { run } from './harness/run.ts'
import { contendedLocks } from './scenarios/mysql/locks-contended.ts'
import { uncontendedLocks } from './scenarios/mysql/locks-uncontended.ts'
import { rateLimits } from './scenarios/mysql/rate-limits.ts'
import { startServer } from './scenarios/mysql/server.ts'
import { sessions } from './scenarios/mysql/sessions.ts'
import { hotStock } from './scenarios/mysql/stock.ts'

/** The MySQL adapter beside its peers. `progress` is told of each scenario before it runs. */
export function mysql(quick: boolean, progress: (scenario: string) => void): Promise<Report> {
  return run(
    {
      bench: 'mysql',
      scenarios: [hotStock, uncontendedLocks, contendedLocks, sessions, rateLimits],
      servers: { mysql: startServer },
      pace: quick ? quickly : { rounds: 5, duration: 500, warmUp: 300 },
      packages: [
        '@lockstep/state-mysql',
        'mysql2',
        '@verrou/core',
        'knex',
        'express-mysql-session',
        'rate-limiter-flexible',
      ],
    },
    progress,
  )
}
