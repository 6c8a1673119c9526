import { type HolderProcess, milliseconds, type Scenario } from './scenario.ts'

export const lateRelease: Scenario = {
  title: ['release of', 'a lost lock'],
  meaning: [
    'The server has lost the lock (FLUSHALL) when its holder, whose work is done, releases it.',
    'Pass: the release settles within 100 ms and throws nothing that would take the place of the result.',
  ],
  processes: 1,
  async run({ server }, holder: HolderProcess) {
    await holder.ask('take', 5000)
    await server.command('FLUSHALL')
    const { ms, threw } = await holder.ask('release')
    const fact = `${threw === undefined ? 'settled' : 'threw'} ${milliseconds(ms)}`
    return { pass: ms <= 100 && threw === undefined, fact, amount: ms, detail: threw }
  },
}
