export { mysql, type MysqlAdapter } from './mysql.ts'
export type { MysqlOptions } from './options.ts'
export { schema } from './schema.ts'
export type { RunStatement, TransactionOptions, TransactionWork, Transactions } from './transactions.ts'
