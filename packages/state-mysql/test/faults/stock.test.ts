import { stockIsSoldOnce } from '@lockstep/testing/faults/plan/stock'
import { mysqlKind } from './ground.ts'

await stockIsSoldOnce(mysqlKind)
