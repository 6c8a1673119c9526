export type { Answer, Command, Operation, Operations, Time } from './command.ts'
export { Engine } from './engine.ts'
export type { EngineOptions, EngineStats } from './engine.ts'
export type { SnapshotRecord } from './snapshot.ts'
