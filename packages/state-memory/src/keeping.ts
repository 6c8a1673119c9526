import type { EngineChoice } from '@lockstep/link'
import { InvalidArgumentError } from '@lockstep/state'
import { journalSource } from './journal/opening.ts'
import { journalId } from './journal/options.ts'
import type { Keeping } from './options.ts'

/** Tells the processes that a primary starts how it keeps their state. */
const JOURNAL = 'LOCKSTEP_JOURNAL'
const RETENTION = 'LOCKSTEP_OPERATION_RETENTION'

/** What the options ask of the engine of this process. */
export function choiceOf({ journal, operationRetention }: Keeping): EngineChoice {
  return { source: journal && journalSource(journal), operationRetention }
}

/** The environment by which other processes know it. */
export function envOf({ journal, operationRetention }: Keeping): Record<string, string> {
  return {
    ...(journal && { [JOURNAL]: journalId(journal) }),
    ...(operationRetention !== undefined && { [RETENTION]: `${operationRetention}` }),
  }
}

/**
 * Called in a process whose state the primary keeps: what the options say has to be what the primary does. So the same
 * options do alone and in a cluster. Throws an `InvalidArgumentError` that says where to give them instead.
 */
export function checkKept({ journal, operationRetention }: Keeping, env: NodeJS.ProcessEnv = process.env): void {
  if (journal !== undefined && journalId(journal) !== env[JOURNAL]) {
    const kept = env[JOURNAL] === undefined ? 'without a journal' : `in the journal ${env[JOURNAL]}`
    throw refused(`the journal ${journalId(journal)}`, kept, `{ journal: ${JSON.stringify(journal.folder)} }`)
  }
  if (operationRetention !== undefined && `${operationRetention}` !== env[RETENTION]) {
    const kept = `with operationRetention ${env[RETENTION] ?? 'left out'}`
    throw refused(`operationRetention ${operationRetention}`, kept, `{ operationRetention: ${operationRetention} }`)
  }
}

function refused(wanted: string, kept: string, options: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `memory() was given ${wanted}, but the primary keeps the state of this process, ${kept}. Give it to the primary: ` +
      `createCluster({ services: [{ name: '@lockstep/state-memory/host', options: ${options} }] }), or startHost(${options})`,
  )
}
