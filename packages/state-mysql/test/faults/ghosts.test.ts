import { nothingIsLeftBehind } from '@lockstep/testing/faults/plan/ghosts'
import { mysqlKind } from './ground.ts'

await nothingIsLeftBehind(mysqlKind, (proxy) => proxy.loseReplies())
