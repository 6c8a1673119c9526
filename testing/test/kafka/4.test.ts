import { proveKafka } from './prove.ts'

await proveKafka('4')
