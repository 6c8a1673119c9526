import { carryOutAndRefuse } from '@lockstep/testing/faults/ghosts'
import { nothingIsLeftBehind } from '@lockstep/testing/faults/plan/ghosts'
import { redisKind } from './ground.ts'

await nothingIsLeftBehind(redisKind, carryOutAndRefuse)
