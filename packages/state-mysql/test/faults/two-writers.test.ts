import { twoWriters } from '@lockstep/testing/faults/plan/two-writers'
import { mysqlKind } from './ground.ts'

await twoWriters(mysqlKind)
