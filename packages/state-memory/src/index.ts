export { memory } from './memory.ts'
export type { JournalOptions } from './journal/options.ts'
export type { MemoryOptions } from './options.ts'
