import type { HolderProcess, Scenario } from './scenario.ts'

export const badInput: Scenario = {
  title: ['bad', 'input'],
  meaning: [
    'A lock with an empty name, one with ttl 0 and one with ttl NaN are asked for.',
    'Pass: each is refused at once with an error. Fail: it is granted, or tried over and over.',
  ],
  processes: 1,
  async run(_, holder: HolderProcess) {
    const answers = await holder.ask('takeBad')
    const letBy = Object.keys(answers).filter((input) => answers[input] !== 'refused')
    const pass = letBy.length === 0
    return { pass, fact: pass ? 'refused' : `let by ${letBy.join(', ')}`, detail: answers }
  },
}
