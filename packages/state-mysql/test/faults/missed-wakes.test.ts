import { waitersMissWakes } from '@lockstep/testing/faults/plan/missed-wakes'
import { mysqlKind } from './ground.ts'

await waitersMissWakes(mysqlKind)
