import { twoClients } from '../expect.ts'
import { addsUp } from '../properties/adds-up.ts'
import { agreesWithModel } from '../properties/agrees-with-model.ts'
import type { PropertyOptions } from '../properties/options.ts'
import { callerOf } from '../properties/state-call.ts'
import type { Tests, Trial } from '../trial.ts'

async function options(trial: Trial): Promise<PropertyOptions> {
  const callers = (await twoClients(trial)).map(callerOf)
  return { callers, prefix: trial.name('run '), runs: trial.runs, seed: trial.seed }
}

export const propertyTests: Tests<'properties'> = {
  'properties/model': async (trial) => agreesWithModel(await options(trial)),
  'properties/histories': async (trial) => addsUp(await options(trial)),
}
