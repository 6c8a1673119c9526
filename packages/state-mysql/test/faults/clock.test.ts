import { clocksJump } from '@lockstep/testing/faults/plan/clock'
import { mysqlKind } from './ground.ts'

await clocksJump(mysqlKind)
