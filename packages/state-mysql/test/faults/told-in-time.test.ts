import { holdersAreTold } from '@lockstep/testing/faults/plan/told-in-time'
import { mysqlKind } from './ground.ts'

await holdersAreTold(mysqlKind)
