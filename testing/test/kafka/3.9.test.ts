import { proveKafka } from './prove.ts'

await proveKafka('3.9')
