// A process that keeps one state and makes calls of it when asked. What it does not catch ends it, with code 1.
import { answer } from '../calls.ts'
import { handlers } from './handlers.ts'

answer(handlers)
process.send?.('ready')
