import type { HolderProcess, Scenario } from './scenario.ts'

const ttl = 5000

export const contention: Scenario = {
  title: ['no fault,', '4 processes'],
  meaning: [
    'Four processes sell for two seconds, each sale a read and a write under the lock, and nothing goes wrong.',
    'Pass: no sale is lost. Everybody should pass.',
  ],
  processes: 4,
  async run(_, first: HolderProcess, ...others: HolderProcess[]) {
    const sales = await Promise.all([first, ...others].map((holder) => holder.ask('sellFor', 2000, ttl)))
    const total = sales.reduce((sum, each) => sum + each)
    const lost = total - (await first.ask('begin', ttl))
    return {
      pass: lost === 0,
      fact: lost === 0 ? 'none lost' : `${lost} of ${total} lost`,
      amount: lost,
      detail: sales,
    }
  },
}
